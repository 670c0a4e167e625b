/** Who is who: institutions, practitioners and patients. */
import { z } from 'zod';
import { institutionKinds } from '../../vocabulary.js';
import {
  chainAddress,
  type EncryptionKey,
  encryptionKey,
  identifier,
  instant,
  mspId,
  sha256,
  signature,
  signingKey,
} from '../primitives.js';
import { maxBatch } from './batch.js';

export const institution = z.strictObject({
  id: identifier,
  mspId,
  kind: z.enum(institutionKinds),
  name: z.string().min(1).max(200),
  encryptionKey,
  registeredAt: instant,
});
export type Institution = z.infer<typeof institution>;

export const practitioner = z.strictObject({
  id: identifier,
  institution: identifier,
  name: z.string().min(1).max(200),
  registeredAt: instant,
});
export type Practitioner = z.infer<typeof practitioner>;

export const patient = z.strictObject({
  address: chainAddress,
  /** HMAC-SHA-256 of the patient id under a key that never reaches the ledger. */
  patientIdHash: sha256,
  mspId,
  encryptionKey,
  /** Chain address of the key that signs for the patient, once it is another than the first. */
  signer: chainAddress.optional(),
  status: z.enum(['active', 'inactive']),
  registeredAt: instant,
});
export type Patient = z.infer<typeof patient>;

export const registerInstitutions = z.strictObject({
  institutions: z
    .array(institution.omit({ mspId: true, registeredAt: true }))
    .min(1)
    .max(maxBatch),
});
export const registerPractitioners = z.strictObject({
  practitioners: z
    .array(practitioner.omit({ registeredAt: true }))
    .min(1)
    .max(maxBatch),
});
/** The address is not an argument: it is derived from the key that signed the transaction. */
export const registerPatient = z.strictObject({ patientIdHash: sha256, encryptionKey });
/**
 * By the patient, with the key that is to go. From then on the new key signs for them, under the address that they have,
 * and what is wrapped for them is wrapped for the new encryption key.
 */
export const rotateKey = z.strictObject({
  signingKey,
  encryptionKey,
  /** The new signing key's signature over the {@link rotationStatement}: that whoever asks has it. */
  proof: signature,
});
/** By the organisation of the institution: from then on what is wrapped for it is wrapped for this key. */
export const rotateInstitutionKey = z.strictObject({ institution: identifier, encryptionKey });
/** By the patient; or by an organisation about a patient that it enrolled, whom it names. */
export const deactivate = z.strictObject({ patient: chainAddress.optional() });
/** Exactly one of the three. */
export const resolve = z.union(
  [
    z.strictObject({ patient: chainAddress }),
    z.strictObject({ patientIdHash: sha256 }),
    z.strictObject({ institution: identifier }),
  ],
  { error: 'must have exactly one of patient, patientIdHash and institution' },
);

/**
 * What a new key signs before it takes the place of another. It names the key that it follows, which can be followed
 * once, so a proof serves for one rotation.
 */
export function rotationStatement(rotation: {
  /** Chain address. */
  readonly patient: string;
  /** Chain address of the key that is to go. */
  readonly signer: string;
  readonly signingKey: string;
  readonly encryptionKey: EncryptionKey;
}): string {
  const { patient: address, signer, signingKey: key, encryptionKey: encryption } = rotation;
  const { x, y, kid } = encryption;
  return JSON.stringify(['medigraph key rotation', address, signer, key, x, y, kid]);
}

/** The patient whose key signs. */
export const readSelf = z.strictObject({});
/** The practitioner whose certificate signs; absent for anybody else, and where they do not work for the caller's organisation. */
export const practitionerSelf = z.strictObject({ practitioner: practitioner.optional() });
/** What an organisation registers: its institutions, or the patients it enrols; never both. */
export const organization = z.strictObject({ mspId, registers: z.enum(['institutions', 'patients']) });
export type Organization = z.infer<typeof organization>;
export const readOrganizations = z.strictObject({});
