/** Consent and reading: who may open what, for what, until when; and who did. */
import { z } from 'zod';
import { consentDecisions, consentStatuses, entryCategories, purposesOfUse } from '../../vocabulary.js';
import {
  chainAddress,
  dayPeriod,
  identifier,
  instant,
  instantPeriod,
  mspId,
  sealedBody,
  wrappedKey,
} from '../primitives.js';
import { maxBatch } from './batch.js';
import { entry, grantedKey } from './records.js';

/** FHIR R5 Consent.provision: what is opened, for what, how far back. */
export const provision = z.strictObject({
  purpose: z.array(z.enum(purposesOfUse)).min(1),
  /** Categories opened; absent means all. */
  category: z.array(z.enum(entryCategories)).min(1).optional(),
  /** Single entries opened; absent means whatever the rest covers. */
  data: z.array(identifier).min(1).max(maxBatch).optional(),
  /** Entry dates opened. */
  dataPeriod: dayPeriod.optional(),
});
export type Provision = z.infer<typeof provision>;

export const consent = z.strictObject({
  id: identifier,
  status: z.enum(consentStatuses),
  decision: z.enum(consentDecisions),
  /** FHIR Consent.subject and grantor. */
  patient: chainAddress,
  /** FHIR Consent.grantee: institution id. */
  grantee: identifier,
  /** When the consent may be used. */
  period: instantPeriod,
  provision,
  reason: z.string().max(500).optional(),
  requestedAt: instant.optional(),
  decidedAt: instant.optional(),
});
export type Consent = z.infer<typeof consent>;

/** By the grantee's organisation: status `draft`. */
export const requestAccess = consent.pick({
  id: true,
  patient: true,
  grantee: true,
  period: true,
  provision: true,
  reason: true,
});
/** By the patient: a `draft` becomes `active`, with the keys of what it covers. `narrowed` may only take away. */
export const grantAccess = z.strictObject({
  consent: identifier,
  narrowed: z.strictObject({ period: instantPeriod.optional(), provision: provision.optional() }).optional(),
  keys: z.array(grantedKey.omit({ consent: true })).max(4 * maxBatch),
});
/** By the patient: more keys under an active consent, for the many entries that one transaction does not carry. */
export const addKeys = z.strictObject({
  consent: identifier,
  keys: z
    .array(grantedKey.omit({ consent: true }))
    .min(1)
    .max(4 * maxBatch),
});
/**
 * By the patient. Deny ends a `draft` (status `not-done`, decision `deny`), revoke an `active` one (status `inactive`);
 * revoking removes every key granted under it. A reason given here replaces the request's.
 */
export const endConsent = z.strictObject({ consent: identifier, reason: z.string().max(500).optional() });
/** One consent, for the patient and the grantee; anyone else is told that there is none. */
export const readConsent = z.strictObject({ consent: identifier });
export const consentsOf = z.strictObject({ patient: chainAddress });

/**
 * Opens entries for reading and logs it. `institution` is who reads; absent, the patient does.
 * All or none: one that the caller may not open answers `ENTRY_NOT_FOUND`, as if it were not there.
 */
export const openEntries = z.strictObject({
  patient: chainAddress,
  entries: z.array(identifier).min(1).max(maxBatch),
  institution: identifier.optional(),
  purpose: z.enum(purposesOfUse),
});
/** What an opening answers: one per entry, in the order asked. */
export const openedEntry = z.strictObject({ entry, key: wrappedKey, consent: identifier.optional() });
export type OpenedEntry = z.infer<typeof openedEntry>;
/** Evaluated after an opening by the same caller, within {@link openingLifetimeSeconds}: the sealed bodies. */
export const readBodies = z.strictObject({
  patient: chainAddress,
  entries: z.array(identifier).min(1).max(maxBatch),
  /** Transaction id of the opening. */
  opening: z.string().regex(/^[0-9a-f]{64}$/),
});
export const openingLifetimeSeconds = 300;
export const sealedBodyOf = z.strictObject({ entry: identifier, body: sealedBody });
export type SealedBodyOf = z.infer<typeof sealedBodyOf>;

/** By the patient: who opened what, in the order of transaction ids, which is not that of time. */
export const auditOf = z.strictObject({
  patient: chainAddress,
  pageSize: z.int().min(1).max(1000),
  bookmark: z.string().max(1024).optional(),
});
export const opening = z.strictObject({
  transaction: z.string(),
  patient: chainAddress,
  /** Institution id, or the patient's address. */
  actor: identifier,
  mspId,
  /** Chain address of the key that signed. */
  signer: chainAddress,
  purpose: z.enum(purposesOfUse),
  entries: z.array(z.strictObject({ entry: identifier, consent: identifier.optional() })),
  openedAt: instant,
});
export type Opening = z.infer<typeof opening>;
