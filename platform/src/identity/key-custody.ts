import { type KeyObject } from 'node:crypto';
import { type primitives } from '@medigraph/schema';
import { type z } from 'zod';
import { type LedgerIdentity } from '../ledger/index.js';
import { type Caller } from './caller.js';
import { type PractitionerName } from './practitioner-keys.js';

type EncryptionKey = z.infer<typeof primitives.encryptionKey>;

/**
 * Keys that the platform keeps for people and institutions (custodial), sealed at rest. Self-custody, where the client
 * signs, comes to stand beside it; so nothing else in the platform may touch a private key.
 */
export interface KeyCustody {
  /** The ledger identity that acts for a caller: the patient's own, the practitioner's, or else the organisation's. */
  signerFor(caller: Caller): Promise<LedgerIdentity>;
  /**
   * The identity of a practitioner, certified by the organisation for whom they are; made when it is first asked for. The
   * organisation's own where the platform cannot have it certified.
   */
  practitioner(practitioner: PractitionerName): Promise<LedgerIdentity>;
  /** The organisation's own identity: reads blocks, registers institutions. */
  organization(mspId: string): Promise<LedgerIdentity>;
  /** Makes a person's signing key and encryption key, enrols them with the organisation, keeps both. */
  enrol(mspId: string): Promise<{ identity: LedgerIdentity; encryptionKey: EncryptionKey }>;
  /**
   * Enrols a key that its owner keeps.
   * @param request - PKCS #10 in PEM, signed by the key and named after its chain address.
   * @returns the certificate in PEM.
   */
  certify(mspId: string, request: string): Promise<string>;
  /** Takes back the certificates of a key that acts no more, where the organisation's authority can. */
  revoke(mspId: string, address: string): Promise<void>;
  /** Makes (or finds) the encryption key of an institution; answers the public part. */
  encryptionKeyFor(owner: string): Promise<EncryptionKey>;
  /** Private ECDH key of a patient (by address) or an institution (by id), for unwrapping; undefined if not kept here. */
  decryptionKey(owner: string): Promise<KeyObject | undefined>;
  /** HMAC-SHA-256 in hex under a key that never leaves custody: patient ids, duplicate keys, entry ids. */
  keyedHash(label: string, value: string): string;
}
