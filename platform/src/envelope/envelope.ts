import { type KeyObject } from 'node:crypto';
import { type primitives } from '@medigraph/schema';

/** A recipient of a content key: a chain address or an institution id, with its public key. */
export interface Recipient {
  readonly id: string;
  readonly key: primitives.EncryptionKey;
}

/** Plaintext sealed under a fresh content key, the key wrapped for each recipient. */
export interface Envelope {
  /** JWE compact, `dir` + `A256GCM`; its protected header binds it to the id of what it seals. */
  readonly body: string;
  /** Recipient id to JWE compact, `ECDH-ES+A256KW` + `A256GCM`, of the 32-byte content key. */
  readonly keys: Record<string, string>;
  /** SHA-256 of the body, hex. */
  readonly sha256: string;
  /** Bytes of plaintext. */
  readonly size: number;
}

/** Seals for recipients, wraps for more of them, opens. No private key and no content key is ever cached here. */
export interface EnvelopeService {
  seal(id: string, plaintext: Uint8Array, recipients: readonly Recipient[]): Promise<Envelope>;
  unwrap(wrapped: string, privateKey: KeyObject): Promise<Uint8Array>;
  wrap(contentKey: Uint8Array, recipient: Recipient): Promise<string>;
  /** @throws `BODY_TAMPERED` if the body is not the one whose digest and id are given. */
  open(id: string, body: string, sha256: string, contentKey: Uint8Array): Promise<Uint8Array>;
}
