/** The care suite: arguments, state and events of its contracts. Chaincode validates with these; clients type with them. */
import { z } from 'zod';
import {
  consentDecisions,
  consentStatuses,
  entryCategories,
  entryClasses,
  entryStatuses,
  institutionKinds,
  purposesOfUse,
} from '../vocabulary.js';
import {
  chainAddress,
  date,
  dayPeriod,
  encryptionKey,
  identifier,
  instant,
  instantPeriod,
  mspId,
  sealedBody,
  sha256,
  wrappedKey,
} from './primitives.js';

/** Most entries that one transaction may carry. */
export const maxBatch = 250;

// ── Registration ────────────────────────────────────────────────────────────────────────────────────────────────────

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

// ── Records ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What the ledger shows of an entry: never a code or a value. */
export const entry = z.strictObject({
  id: identifier,
  patient: chainAddress,
  /** Institution that holds it; the patient's address for a personal entry. */
  institution: identifier,
  class: z.enum(entryClasses),
  category: z.enum(entryCategories),
  date,
  /** Bytes of plaintext. */
  size: z.int().min(1).max(1_100_000),
  /** Of the sealed body, so that anyone can check what is stored. */
  sha256,
  status: z.enum(entryStatuses),
  recordedAt: instant,
});
export type Entry = z.infer<typeof entry>;

/** The sealed content of an entry and its key, wrapped for the patient and for the holder. */
export const sealedEntry = z.strictObject({
  body: sealedBody,
  /** Recipient (chain address or institution id) to wrapped key. */
  keys: z.record(identifier, wrappedKey),
});
export type SealedEntry = z.infer<typeof sealedEntry>;

export const proposedEntry = entry
  .pick({ id: true, category: true, date: true, size: true, sha256: true })
  .extend(sealedEntry.shape);
export type ProposedEntry = z.infer<typeof proposedEntry>;

/** The patient lets an institution store records about them (or, with `active: false`, no longer). */
export const authorizeStorage = z.strictObject({
  institutions: z.array(identifier).min(1).max(maxBatch),
  active: z.boolean(),
});
/** By the institution that holds the entries. */
export const proposeEntries = z.strictObject({
  patient: chainAddress,
  institution: identifier,
  entries: z.array(proposedEntry).min(1).max(maxBatch),
});
/** A key for a grantee, added by the patient. */
export const grantedKey = z.strictObject({ entry: identifier, consent: identifier, key: wrappedKey });
export type GrantedKey = z.infer<typeof grantedKey>;
/** By the patient, with keys for whoever holds an active consent that covers the entries. */
export const authorizeEntries = z.strictObject({
  entries: z.array(identifier).min(1).max(maxBatch),
  keys: z
    .array(grantedKey)
    .max(4 * maxBatch)
    .optional(),
});
/** By the patient about themself: class `personal`, authorised at once. */
export const addPersonalEntries = z.strictObject({ entries: z.array(proposedEntry).min(1).max(maxBatch) });
/** By the institution that holds it. */
export const retractEntry = z.strictObject({
  patient: chainAddress,
  entry: identifier,
  reason: z.string().min(1).max(500),
});
/** Is this the digest of what is stored? */
export const verifyEntry = z.strictObject({ patient: chainAddress, entry: identifier, sha256 });
/** `sha256` is computed from the stored body. */
export const entryVerification = z.strictObject({
  verified: z.boolean(),
  sha256,
  status: z.enum(entryStatuses),
});
export type EntryVerification = z.infer<typeof entryVerification>;
/**
 * A page of the index. `institution` is who asks; absent, the patient does. A holder sees its own entries, a grantee those
 * that its consents cover: for them a page may be shorter than asked, even empty, before the last one.
 */
export const entriesOf = z.strictObject({
  patient: chainAddress,
  institution: identifier.optional(),
  pageSize: z.int().min(1).max(1000),
  bookmark: z.string().max(1024).optional(),
});
export const historyOf = z.strictObject({
  patient: chainAddress,
  entry: identifier,
  institution: identifier.optional(),
});
/** A state that an entry was brought to, and by which transaction; a history has the oldest first. */
export const entryVersion = z.strictObject({ transaction: z.string(), at: instant, entry });
export type EntryVersion = z.infer<typeof entryVersion>;

export const storageAuthorization = z.strictObject({
  patient: chainAddress,
  institution: identifier,
  active: z.boolean(),
  changedAt: instant,
});
export type StorageAuthorization = z.infer<typeof storageAuthorization>;

// ── Access ──────────────────────────────────────────────────────────────────────────────────────────────────────────

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

export const page = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), bookmark: z.string().optional() });

// ── Events ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Event name to the shape of one item. A transaction emits one Fabric event; its payload is a JSON array of items, so
 * that a batch says what each of its parts did. The index in the array is the event index of a cursor.
 */
export const careEvents = {
  InstitutionRegistered: institution,
  PractitionerRegistered: practitioner,
  PatientRegistered: patient,
  StorageAuthorized: storageAuthorization,
  EntryProposed: entry,
  EntryAuthorized: entry,
  EntryRetracted: entry,
  ConsentRequested: consent,
  ConsentGranted: consent,
  ConsentDenied: consent,
  ConsentRevoked: consent,
  EntryOpened: opening,
} as const;
export type CareEvents = { [Name in keyof typeof careEvents]: z.infer<(typeof careEvents)[Name]> };
