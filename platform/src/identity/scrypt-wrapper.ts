import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import { KeyUnreadableError } from './errors.js';
import { type KeyWrapper } from './key-wrapper.js';

const parameters = { N: 2 ** 17, r: 8, p: 1 };
const maxmem = 256 * 1024 * 1024;
const nonceBytes = 12;
const tagBytes = 16;

const record = z.strictObject({
  salt: z.base64(),
  // What another passphrase could be made to cost: no file makes a start take longer than our own.
  N: z.literal(parameters.N),
  r: z.literal(parameters.r),
  p: z.literal(parameters.p),
  nonce: z.base64(),
  /** With the tag behind it. */
  ciphertext: z.base64(),
});

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);
const keyOf = (passphrase: string, salt: Buffer): Promise<Buffer> =>
  derive(passphrase, salt, 32, { ...parameters, maxmem });

/** Wraps with AES-256-GCM under a key that scrypt derives from a passphrase. */
export class ScryptWrapper implements KeyWrapper {
  readonly #passphrase: string;

  constructor(passphrase: string) {
    this.#passphrase = passphrase;
  }

  async wrap(key: Uint8Array): Promise<string> {
    const [salt, nonce] = [randomBytes(16), randomBytes(nonceBytes)];
    const cipher = createCipheriv('aes-256-gcm', await keyOf(this.#passphrase, salt), nonce);
    const ciphertext = Buffer.concat([cipher.update(key), cipher.final(), cipher.getAuthTag()]);
    const [saltText, nonceText, text] = [salt, nonce, ciphertext].map((one) => one.toString('base64'));
    return JSON.stringify({ salt: saltText, ...parameters, nonce: nonceText, ciphertext: text });
  }

  async unwrap(wrapped: string): Promise<Uint8Array> {
    try {
      const { salt, nonce, ciphertext } = record.parse(JSON.parse(wrapped));
      const key = await keyOf(this.#passphrase, Buffer.from(salt, 'base64'));
      const bytes = Buffer.from(ciphertext, 'base64');
      const options = { authTagLength: tagBytes };
      const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64'), options);
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      return Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]);
    } catch (cause) {
      throw new KeyUnreadableError('The master key', { cause });
    }
  }
}
