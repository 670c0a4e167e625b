import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { createFileOnce, fileState, readFileIfThere, removeFile, replaceFile } from './durable-file.js';
import { KeyUnreadableError } from './errors.js';
import { type KeyWrapper, wrappedMasterKey } from './key-wrapper.js';

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

export interface SealedStoreOptions {
  /** Made if it is not there, readable by its owner alone. */
  readonly folder: string;
  /** 32 bytes in hex. */
  readonly masterKey?: string | undefined;
  /** Instead of a master key: what one that is made at first use is wrapped with. */
  readonly wrapper?: KeyWrapper | undefined;
}

/**
 * Small secrets on disk, each in a file of its own, encrypted and authenticated with AES-256-GCM. A file is bound to its
 * name: moved or renamed it does not open. A file is there whole or not at all, whenever the process is killed.
 */
export class SealedStore {
  readonly #folder: string;
  readonly #masterKey: Buffer;
  readonly #sealingKey: Buffer;

  private constructor(folder: string, masterKey: Buffer) {
    this.#folder = folder;
    this.#masterKey = masterKey;
    this.#sealingKey = this.deriveKey('sealing');
  }

  /**
   * Opens the store; without a master key or wrapper, with the key in `master.key`, which is made at first use.
   * @throws {@link KeyUnreadableError} if the store was sealed with another key.
   */
  static async open(options: SealedStoreOptions): Promise<SealedStore> {
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    const store = new SealedStore(options.folder, await masterKeyOf(options));
    // Something known is kept sealed, so that a wrong master key shows at once and not at the first patient.
    await store.writeOnce('check', Buffer.from('medigraph'));
    await store.read('check');
    return store;
  }

  /** A key for another purpose, derived from the master key. */
  deriveKey(purpose: string): Buffer {
    return Buffer.from(
      hkdfSync('sha256', this.#masterKey, Buffer.alloc(0), `medigraph ${purpose}`, keyBytes),
    );
  }

  /** @throws {@link KeyUnreadableError} if it is there and does not open. */
  async read(name: string): Promise<Buffer | undefined> {
    const sealed = await readFileIfThere(this.#file(name));
    return sealed && this.#unseal(name, sealed);
  }

  /** A word that changes whenever what is written under the name does. */
  async stateOf(name: string): Promise<string> {
    return fileState(this.#file(name));
  }

  /** Writes what is to stay as it is; false, and nothing written, if the name is taken. */
  writeOnce(name: string, secret: Uint8Array): Promise<boolean> {
    return createFileOnce(this.#file(name), this.#seal(name, secret));
  }

  async write(name: string, secret: Uint8Array): Promise<void> {
    await replaceFile(this.#file(name), this.#seal(name, secret));
  }

  /** Forgets what is written under the name, if anything is. */
  async delete(name: string): Promise<void> {
    await removeFile(this.#file(name));
  }

  /** Names may hold anything; files are spread over 256 folders, so that none grows large. */
  #file(name: string): string {
    const digest = createHash('sha256').update(name).digest('hex').slice(0, 40);
    return path.join(this.#folder, digest.slice(0, 2), `${digest}.sealed`);
  }

  #seal(name: string, secret: Uint8Array): Buffer {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#sealingKey, nonce);
    cipher.setAAD(Buffer.from(name));
    return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  }

  #unseal(name: string, sealed: Buffer): Buffer {
    if (sealed.length < nonceBytes + tagBytes) throw new KeyUnreadableError(name);
    const decipher = createDecipheriv('aes-256-gcm', this.#sealingKey, sealed.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    });
    decipher.setAAD(Buffer.from(name));
    decipher.setAuthTag(sealed.subarray(-tagBytes));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]);
    } catch (error) {
      throw new KeyUnreadableError(name, { cause: error });
    }
  }
}

async function masterKeyOf({ folder, masterKey, wrapper }: SealedStoreOptions): Promise<Buffer> {
  if (masterKey !== undefined) return masterKeyFromHex(masterKey, 'The master key');
  if (wrapper !== undefined) return wrappedMasterKey(path.join(folder, 'master.wrapped'), wrapper);
  const file = path.join(folder, 'master.key');
  await createFileOnce(file, Buffer.from(`${randomBytes(keyBytes).toString('hex')}\n`));
  return masterKeyFromHex((await readFile(file, 'utf8')).trim(), file);
}

function masterKeyFromHex(hex: string, source: string): Buffer {
  if (!/^[0-9a-fA-F]{64}$/.test(hex)) throw new KeyUnreadableError(`${source} (not 32 bytes in hex)`);
  return Buffer.from(hex, 'hex');
}
