import { type KeyObject } from 'node:crypto';
import { type primitives } from '@medigraph/schema';
import { type z } from 'zod';
import { type LedgerIdentity } from '../ledger/index.js';
import { type Caller } from './caller.js';
import { type ActorName } from './actor-keys.js';

type EncryptionKey = z.infer<typeof primitives.encryptionKey>;

/** Keys of a person, certified. */
export interface EnrolledKeys {
  readonly identity: LedgerIdentity;
  readonly encryptionKey: EncryptionKey;
}

/**
 * Keys that the platform keeps for people and institutions (custodial), sealed at rest. Nothing else in the platform may
 * touch a private key. Patients in self-custody have none here: their wallets sign.
 */
export interface KeyCustody {
  /**
   * The ledger identity that acts for a caller: the patient's own, the practitioner's, the contributing program's, or else
   * the organisation's.
   */
  signerFor(caller: Caller): Promise<LedgerIdentity>;
  /**
   * The identity of a practitioner or program, certified by the organisation for whom they are; made when it is first asked
   * for. The organisation's own where the platform cannot have it certified.
   */
  actor(actor: ActorName): Promise<LedgerIdentity>;
  /** The organisation's own identity: reads blocks, registers institutions. */
  organization(mspId: string): Promise<LedgerIdentity>;
  /**
   * Keys that are to follow those of a patient, enrolled; the same ones until they are adopted, so that a rotation that
   * was cut off goes on where it stopped.
   * @throws `KEY_NOT_FOUND`
   */
  nextKeys(patient: string): Promise<EnrolledKeys>;
  /**
   * Has keys follow, once the ledger has them. What was wrapped for the ones before still opens.
   * @param signer - Chain address of the signing key that follows; nothing happens if it is no next one.
   */
  adoptNextKeys(patient: string, signer: string): Promise<void>;
  /**
   * Makes a person's signing key and encryption key, enrols them with the organisation, keeps both.
   * @param once - Names the person: with the same name it is the same one, not another.
   */
  enrol(mspId: string, once?: string): Promise<EnrolledKeys>;
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
  /**
   * The encryption key that is to follow that of an institution; the same one until it is adopted.
   * @throws `KEY_NOT_FOUND`
   */
  nextInstitutionKey(institution: string): Promise<EncryptionKey>;
  /** Has it follow, once the ledger has it. @param kid - Of the key that follows; nothing happens if it is no next one. */
  adoptInstitutionKey(institution: string, kid: string): Promise<void>;
  /**
   * Private ECDH keys of a patient (by address) or an institution (by id), for unwrapping: the newest first, behind it those
   * that it followed; none if not kept here.
   */
  decryptionKeys(owner: string): Promise<readonly KeyObject[]>;
  /**
   * Destroys the private keys that the newest one followed, once nothing is wrapped for them any more.
   * @param newest - What is the newest one for whoever asks; nothing is destroyed if another has followed it.
   */
  discardFormerKeys(owner: string, newest: KeyObject): Promise<void>;
  /** HMAC-SHA-256 in hex under a key that never leaves custody: patient ids, duplicate keys, entry ids. */
  keyedHash(label: string, value: string): string;
}
