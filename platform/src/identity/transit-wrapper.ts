import { z } from 'zod';
import { KeyUnreadableError, KmsUnavailableError } from './errors.js';
import { type KeyWrapper } from './key-wrapper.js';

export interface TransitWrapperOptions {
  /** Of the key in the engine: `https://HOST:8200/v1/transit/keys/NAME`. */
  readonly keyUrl: string;
  readonly token: string;
  /** Milliseconds for one request; 10,000. */
  readonly timeoutMs?: number;
}

/** What the engine authenticates with the key, so that it unwraps nothing that it wrapped for another purpose. */
const associatedData = Buffer.from('medigraph master key').toString('base64');

const encrypted = z.object({ data: z.object({ ciphertext: z.string().min(1) }) });
const decrypted = z.object({ data: z.object({ plaintext: z.base64() }) });

/**
 * Wraps with a key that never leaves a key management service: the transit engine of OpenBao or HashiCorp Vault, over
 * its HTTP API. Versions of the key are the service's: after a rotation there, what was wrapped before still unwraps.
 */
export class TransitWrapper implements KeyWrapper {
  readonly #options: TransitWrapperOptions;

  constructor(options: TransitWrapperOptions) {
    this.#options = options;
  }

  async wrap(key: Uint8Array): Promise<string> {
    const plaintext = Buffer.from(key).toString('base64');
    const { status, body } = await this.#ask('encrypt', { plaintext });
    const parsed = encrypted.safeParse(body);
    if (!parsed.success) throw new KmsUnavailableError(status);
    return parsed.data.data.ciphertext;
  }

  async unwrap(wrapped: string): Promise<Uint8Array> {
    const { status, body } = await this.#ask('decrypt', { ciphertext: wrapped.trim() });
    // The engine answers so to what it did not encrypt, with this key and for this purpose.
    if (status === 400) throw new KeyUnreadableError('The master key');
    const parsed = decrypted.safeParse(body);
    if (!parsed.success) throw new KmsUnavailableError(status);
    return Buffer.from(parsed.data.data.plaintext, 'base64');
  }

  async #ask(operation: 'encrypt' | 'decrypt', body: object): Promise<{ status: number; body: unknown }> {
    const { keyUrl, token, timeoutMs = 10_000 } = this.#options;
    const url = new URL(keyUrl);
    url.pathname = url.pathname.replace(/\/keys\/([^/]+)$/, `/${operation}/$1`);
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-vault-token': token },
        body: JSON.stringify({ ...body, associated_data: associatedData }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: response.status, body: await response.json() };
    } catch (cause) {
      throw new KmsUnavailableError(undefined, { cause });
    }
  }
}
