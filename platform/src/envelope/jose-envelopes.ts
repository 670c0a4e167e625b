import { createHash, type KeyObject, randomBytes } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, type CryptoKey, importJWK } from 'jose';
import { BoundedCache } from '../cache/bounded-cache.js';
import { type Envelope, type EnvelopeService, type Recipient } from './envelope.js';
import { BodyTamperedError, KeyUnwrapError, RecipientKeyError } from './errors.js';

const wrapping = 'ECDH-ES+A256KW';
const encryption = 'A256GCM';
const contentKeyBytes = 32;

/** Public keys are imported once: a corpus wraps thousands of content keys for a handful of recipients. */
const publicKeysKept = 4096;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

class JoseEnvelopes implements EnvelopeService {
  readonly #publicKeys = new BoundedCache<string, Promise<CryptoKey | Uint8Array>>(publicKeysKept);

  async seal(id: string, plaintext: Uint8Array, recipients: readonly Recipient[]): Promise<Envelope> {
    const contentKey = new Uint8Array(randomBytes(contentKeyBytes));
    const [body, ...wrapped] = await Promise.all([
      new CompactEncrypt(plaintext)
        .setProtectedHeader({ alg: 'dir', enc: encryption, kid: id })
        .encrypt(contentKey),
      ...recipients.map((recipient) => this.wrap(contentKey, recipient)),
    ]);
    const keys = Object.fromEntries(recipients.map(({ id: owner }, index) => [owner, wrapped[index] ?? '']));
    return { body, keys, sha256: sha256(body), size: plaintext.byteLength };
  }

  async wrap(contentKey: Uint8Array, recipient: Recipient): Promise<string> {
    const key = await this.#publicKey(recipient);
    return new CompactEncrypt(contentKey)
      .setProtectedHeader({ alg: wrapping, enc: encryption, kid: recipient.id })
      .encrypt(key);
  }

  async unwrap(wrapped: string, privateKey: KeyObject): Promise<Uint8Array> {
    const { plaintext } = await compactDecrypt(wrapped, privateKey, {
      keyManagementAlgorithms: [wrapping],
      contentEncryptionAlgorithms: [encryption],
    }).catch((error: unknown) => {
      throw new KeyUnwrapError('it was not wrapped for this key, or was altered', { cause: error });
    });
    if (plaintext.byteLength !== contentKeyBytes) {
      throw new KeyUnwrapError(`it holds ${plaintext.byteLength} bytes, not ${contentKeyBytes}`);
    }
    return plaintext;
  }

  async open(id: string, body: string, digest: string, contentKey: Uint8Array): Promise<Uint8Array> {
    if (sha256(body) !== digest) throw new BodyTamperedError(id, 'its digest differs');
    const { plaintext, protectedHeader } = await compactDecrypt(body, contentKey, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: [encryption],
    }).catch((error: unknown) => {
      throw new BodyTamperedError(id, 'it does not decrypt with this key', { cause: error });
    });
    if (protectedHeader.kid !== id) throw new BodyTamperedError(id, 'it was sealed for another id');
    return plaintext;
  }

  async #publicKey({ id, key }: Recipient): Promise<CryptoKey | Uint8Array> {
    const coordinates = `${key.x}.${key.y}`;
    const imported = this.#publicKeys.getOrCreate(coordinates, () =>
      importJWK({ kty: key.kty, crv: key.crv, x: key.x, y: key.y }, wrapping),
    );
    try {
      return await imported;
    } catch (error) {
      this.#publicKeys.delete(coordinates);
      throw new RecipientKeyError(id, { cause: error });
    }
  }
}

/** Envelopes as JWE, which any JOSE library opens. */
export function createEnvelopeService(): EnvelopeService {
  return new JoseEnvelopes();
}
