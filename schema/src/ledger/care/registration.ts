/** Who is who: institutions, practitioners and patients. */
import { z } from 'zod';
import { institutionKinds } from '../../vocabulary.js';
import { chainAddress, encryptionKey, identifier, instant, mspId, sha256 } from '../primitives.js';
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
/** Exactly one of the three. */
export const resolve = z.union(
  [
    z.strictObject({ patient: chainAddress }),
    z.strictObject({ patientIdHash: sha256 }),
    z.strictObject({ institution: identifier }),
  ],
  { error: 'must have exactly one of patient, patientIdHash and institution' },
);
