/** What is sealed for a person whose keys are kept: keys as PKCS #8 in PEM. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { chainAddressOf, type LedgerIdentity } from '../ledger/index.js';

/** Keys that act, or are to act, for a person. */
export const personKeys = z.strictObject({
  mspId: z.string(),
  certificate: z.string(),
  signingKey: z.string(),
  encryptionKey: z.string(),
});
export type PersonKeys = z.infer<typeof personKeys>;

export const personRecord = personKeys.extend({
  /** Encryption keys that others followed, newest first: something may still be wrapped for them. */
  formerEncryptionKeys: z.array(z.string()).optional(),
});
export type PersonRecord = z.infer<typeof personRecord>;

/** Keys of a person, ready for use. */
export interface Person {
  readonly identity: LedgerIdentity;
  /** Newest first. */
  readonly decryptionKeys: readonly [KeyObject, ...KeyObject[]];
}

export function personOf(record: PersonRecord): Person {
  const { mspId, certificate, signingKey, encryptionKey, formerEncryptionKeys = [] } = record;
  const privateKey = createPrivateKey(signingKey);
  return {
    identity: { mspId, certificate, privateKey, address: chainAddressOf(privateKey) },
    decryptionKeys: [
      createPrivateKey(encryptionKey),
      ...formerEncryptionKeys.map((key) => createPrivateKey(key)),
    ],
  };
}

/** The record once other keys have followed. */
export function followedBy(
  { encryptionKey, formerEncryptionKeys = [] }: PersonRecord,
  next: PersonKeys,
): PersonRecord {
  return { ...next, formerEncryptionKeys: [encryptionKey, ...formerEncryptionKeys] };
}
