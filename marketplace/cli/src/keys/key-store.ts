import { decryptKey, encryptKey, generatePublisherKey, type PublisherKey } from '@medigraph/dapp-package';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandFailure } from '../command-failure.js';

const names = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const extension = '.pem';

/** Publishers' keys of this user, encrypted, in files that they alone can read. */
export class KeyStore {
  readonly #folder: string;

  /** @param configuration - where this system keeps what programs know of their user. */
  constructor(configuration: string) {
    this.#folder = path.join(configuration, 'publisher-keys');
  }

  /** @throws {@link CommandFailure} `KEY_EXISTS`: a key is never written over. */
  async create(name: string, passphrase: string): Promise<PublisherKey> {
    const file = this.#file(name);
    const key = await generatePublisherKey();
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await writeFile(file, encryptKey(key, passphrase), { mode: 0o600, flag: 'wx' }).catch(
      (error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        throw new CommandFailure('KEY_EXISTS', `there is a key ${name} already, in ${file}`);
      },
    );
    return key;
  }

  /** @throws {@link CommandFailure} `KEY_MISSING`; `KEY_UNREADABLE` for another passphrase. */
  async open(name: string, passphrase: string): Promise<PublisherKey> {
    const file = this.#file(name);
    const pem = await readFile(file, 'utf8').catch(() => {
      throw new CommandFailure(
        'KEY_MISSING',
        `there is no key ${name}; make it: medigraph dapp keys create ${name}`,
      );
    });
    return decryptKey(pem, passphrase);
  }

  async list(): Promise<string[]> {
    const files = await readdir(this.#folder).catch(() => []);
    return files
      .filter((file) => file.endsWith(extension))
      .map((file) => file.slice(0, -extension.length))
      .sort();
  }

  #file(name: string): string {
    if (!names.test(name))
      throw new CommandFailure('KEY_NAME_INVALID', `${name} is no name of a key: use a-z, 0-9, hyphens`);
    return path.join(this.#folder, `${name}${extension}`);
  }
}
