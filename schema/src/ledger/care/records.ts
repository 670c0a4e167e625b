/** Entries: what is stored about a patient, by whom, and whether it is authorised. */
import { z } from 'zod';
import { resourceTypes } from '../../resource-types.js';
import { entryCategories, entryClasses, entryStatuses } from '../../vocabulary.js';
import { chainAddress, date, identifier, instant, sealedBody, sha256, wrappedKey } from '../primitives.js';
import { maxBatch } from './batch.js';
import { acquisition, provenance } from './provenance.js';

/** Most bytes of plaintext of a body, in as many parts as it needs. */
export const maxBodyBytes = 50_000_000;

/** Most bytes of ciphertext of a file: those of the largest plaintext that FHIR's `Attachment.size` can tell. */
export const maxAttachmentBytes = 2_147_516_471;

/** What the ledger shows of a file that is kept beside it, in Tink's streaming format `AES256_GCM_HKDF_1MB`. */
export const attachment = z.strictObject({
  /** Bytes of ciphertext. */
  size: z.int().min(56).max(maxAttachmentBytes),
  /** Of the ciphertext. */
  sha256,
});
export type Attachment = z.infer<typeof attachment>;

/** What the ledger shows of an entry: never a code or a value. */
export const entry = z.strictObject({
  id: identifier,
  patient: chainAddress,
  /** Institution that holds it; the patient's address for a personal entry. */
  institution: identifier,
  class: z.enum(entryClasses),
  /** FHIR R4 type of what is sealed, as its writer says. */
  resourceType: z.enum(resourceTypes),
  category: z.enum(entryCategories),
  date,
  /** Bytes of plaintext. */
  size: z.int().min(1).max(maxBodyBytes),
  /** Of the sealed body, so that anyone can check what is stored. */
  sha256,
  /** Parts that its sealed body is stored in, if it is not stored as one. */
  parts: z.int().min(2).optional(),
  /** The file that the entry describes, if it describes one. */
  attachment: attachment.optional(),
  status: z.enum(entryStatuses),
  /** Absent of entries from before it was kept. */
  provenance: provenance.optional(),
  recordedAt: instant,
});
export type Entry = z.infer<typeof entry>;

/** What of an entry a consent's provision speaks about. */
export type IndexedEntry = Pick<Entry, 'id' | 'resourceType' | 'category' | 'date'>;

/** The sealed content of an entry and its key, wrapped for the patient and for the holder. */
export const sealedEntry = z.strictObject({
  body: sealedBody,
  /** Recipient (chain address or institution id) to wrapped key. */
  keys: z.record(identifier, wrappedKey),
});
export type SealedEntry = z.infer<typeof sealedEntry>;

export const proposedEntry = entry
  .pick({
    id: true,
    resourceType: true,
    category: true,
    date: true,
    size: true,
    sha256: true,
    attachment: true,
  })
  .extend(sealedEntry.shape);
export type ProposedEntry = z.infer<typeof proposedEntry>;

/** The patient lets an institution store records about them (or, with `active: false`, no longer). */
export const authorizeStorage = z.strictObject({
  institutions: z.array(identifier).min(1).max(maxBatch),
  active: z.boolean(),
  /** In whose name a delegate does it; absent, their own. */
  onBehalfOf: chainAddress.optional(),
});
/** By the institution that holds the entries. */
export const proposeEntries = acquisition.extend({
  patient: chainAddress,
  institution: identifier,
  entries: z.array(proposedEntry).min(1).max(maxBatch),
});
/** A key for a grantee, added by the patient. */
export const grantedKey = z.strictObject({ entry: identifier, consent: identifier, key: wrappedKey });
export type GrantedKey = z.infer<typeof grantedKey>;
/** Which grants a patient had made when keys were wrapped: the transaction of the last one, or `none`. */
export const grantsMark = z.string().regex(/^([0-9a-f]{64}|none)$/, 'must be a transaction id, or none');
/** By the patient, with keys for whoever holds an active consent that covers the entries. */
export const authorizeEntries = z.strictObject({
  entries: z.array(identifier).min(1).max(maxBatch),
  /** In whose name a delegate does it; absent, their own. */
  onBehalfOf: chainAddress.optional(),
  keys: z
    .array(grantedKey)
    .max(4 * maxBatch)
    .optional(),
  /** Given, it is refused if someone was granted access since: they would have no keys. */
  granted: grantsMark.optional(),
});
/** By the patient about themself: class `personal`, authorised at once. */
export const addPersonalEntries = z.strictObject({
  entries: z.array(proposedEntry).min(1).max(maxBatch),
  keys: authorizeEntries.shape.keys,
  granted: authorizeEntries.shape.granted,
});
export type AddPersonalEntries = z.infer<typeof addPersonalEntries>;
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
