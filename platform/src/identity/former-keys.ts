import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { type SealedStore } from './sealed-store.js';

const nameOf = (owner: string, thumbprint: string): string => `former/${owner}/${thumbprint}`;

/** RFC 7638 thumbprint of the public part of a key. */
export async function thumbprintOf(key: KeyObject): Promise<string> {
  const { kty, crv, x, y } = createPublicKey(key).export({ format: 'jwk' });
  return calculateJwkThumbprint({ kty, crv, x, y });
}

/**
 * Decryption keys that others followed, each sealed in a file of its own: destroying one is removing its file, and
 * touches nothing that another process may be writing.
 */
export class FormerKeys {
  readonly #store: SealedStore;

  constructor(store: SealedStore) {
    this.#store = store;
  }

  /** Keeps a key, as PKCS #8 in PEM, that another is about to follow. */
  async keep(owner: string, thumbprint: string, pem: string): Promise<void> {
    await this.#store.write(nameOf(owner, thumbprint), Buffer.from(pem));
  }

  /** Those of these that are still there, in their order. */
  async of(owner: string, thumbprints: readonly string[]): Promise<KeyObject[]> {
    const kept = await Promise.all(thumbprints.map((one) => this.#store.read(nameOf(owner, one))));
    return kept.flatMap((pem) => (pem ? [createPrivateKey(pem)] : []));
  }

  async destroy(owner: string, thumbprints: readonly string[]): Promise<void> {
    await Promise.all(thumbprints.map((one) => this.#store.delete(nameOf(owner, one))));
  }
}
