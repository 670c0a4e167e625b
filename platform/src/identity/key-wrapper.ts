import { randomBytes } from 'node:crypto';
import { createFileOnce, readFileIfThere } from './durable-file.js';
import { KeyUnreadableError } from './errors.js';
import { ScryptWrapper } from './scrypt-wrapper.js';
import { TransitWrapper } from './transit-wrapper.js';

/** Bytes of a master key. */
export const masterKeyBytes = 32;

/** Protects the master key of a store, so that what lies beside the store opens nothing. */
export interface KeyWrapper {
  /** @returns text that {@link unwrap} takes. @throws `KMS_UNAVAILABLE` */
  wrap(key: Uint8Array): Promise<string>;
  /** @throws `KEY_UNREADABLE` if this wrapper did not wrap it, or it was altered; `KMS_UNAVAILABLE` */
  unwrap(wrapped: string): Promise<Uint8Array>;
}

/** What configures a wrapper; see the settings of these names. */
export interface WrapperConfiguration {
  readonly masterPassphrase?: string | undefined;
  readonly kmsKeyUrl?: string | undefined;
  readonly kmsToken?: string | undefined;
}

/** The wrapper that is configured; undefined if the master key is kept or given as it is. */
export function keyWrapperOf({
  masterPassphrase,
  kmsKeyUrl,
  kmsToken = '',
}: WrapperConfiguration): KeyWrapper | undefined {
  if (kmsKeyUrl !== undefined) return new TransitWrapper({ keyUrl: kmsKeyUrl, token: kmsToken });
  return masterPassphrase === undefined ? undefined : new ScryptWrapper(masterPassphrase);
}

/** The master key in a file, which is made at first use; wrapped, and of whoever writes first if several do. */
export async function wrappedMasterKey(file: string, wrapper: KeyWrapper): Promise<Buffer> {
  let wrapped = await readFileIfThere(file);
  if (wrapped === undefined) {
    await createFileOnce(file, Buffer.from(await wrapper.wrap(randomBytes(masterKeyBytes))));
    wrapped = await readFileIfThere(file);
  }
  const key = Buffer.from(await wrapper.unwrap((wrapped ?? Buffer.alloc(0)).toString()));
  if (key.length !== masterKeyBytes) throw new KeyUnreadableError(file);
  return key;
}
