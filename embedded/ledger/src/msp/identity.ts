import { type KeyObject } from 'node:crypto';
import { type VerificationKey } from '../crypto/signatures.js';

export type NodeRole = 'client' | 'peer' | 'admin' | 'orderer';

/** A certificate that an MSP has read, with what the MSP says of it. */
export interface Identity extends VerificationKey {
  readonly mspId: string;
  readonly publicKey: KeyObject;
  /** SHA-256 of the certificate. */
  readonly fingerprint: Buffer;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** Role that its organisational unit stands for; undefined if it is not valid, or its organisation has no such units. */
  readonly role?: NodeRole;
  /** True if the organisation names this very certificate as an administrator's. */
  readonly namedAdmin?: true;
  /** Organisational units in the certificate. */
  readonly units?: readonly string[];
  /** Name of the chain of authorities that issued it. */
  readonly certifiers?: Buffer;
  /** Why it is not valid (chain, revocation, organisational unit); undefined if it is. Expiry is asked apart. */
  readonly invalid?: string;
  /** True if it is not valid because it has no chain to an authority of its organisation. */
  readonly unchained?: true;
}

/** Expiry is checked where a person acts (proposal, broadcast, deliver), never in validation, which must not depend on the clock. */
export function hasExpired(identity: Identity, now = Date.now()): boolean {
  return now > identity.expiresAt;
}
