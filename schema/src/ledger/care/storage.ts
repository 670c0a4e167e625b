/** How entries are stored, wrapped anew, and erased. */
import { z } from 'zod';
import { chainAddress, identifier, instant, sha256, wrappedKey } from '../primitives.js';
import { maxBatch } from './batch.js';
import { acquisition } from './provenance.js';
import { attachment, entry, grantedKey, grantsMark, proposedEntry } from './records.js';

/** Most characters of one part of a sealed body, and most parts. */
export const partCharacters = 1_000_000;
export const maxParts = 68;

/**
 * By whoever writes it: an entry whose sealed body is too large for one transaction. It is there for nobody until it is
 * completed. `institution` is the holder, who may say how it came by it; absent, the patient writes about themself.
 */
export const beginEntry = acquisition.extend({
  patient: chainAddress,
  institution: identifier.optional(),
  entry: proposedEntry.omit({ body: true, attachment: true }),
  parts: z.int().min(2).max(maxParts),
});
export type BeginEntry = z.infer<typeof beginEntry>;
/** An entry of which not everything is there yet. */
export const draftEntry = z.strictObject({
  entry,
  keys: z.record(identifier, wrappedKey),
  parts: z.int(),
  mspId: z.string(),
  begunAt: instant,
});
export type DraftEntry = z.infer<typeof draftEntry>;
/** By whoever began it: one part of the body, in any order; the same again changes nothing. */
export const appendBody = z.strictObject({
  patient: chainAddress,
  entry: identifier,
  part: z
    .int()
    .min(0)
    .max(maxParts - 1),
  body: z
    .string()
    .min(1)
    .max(partCharacters)
    .regex(/^[\w.-]+$/, 'must be part of a compact JWE'),
});
/** By whoever began it, once every part is there. Keys for grantees are for a patient's own entry alone. */
export const completeEntry = z.strictObject({
  patient: chainAddress,
  entry: identifier,
  keys: z
    .array(grantedKey)
    .max(4 * maxBatch)
    .optional(),
  granted: grantsMark.optional(),
});
/** By whoever began it: nothing of it stays. */
export const discardEntry = z.strictObject({ patient: chainAddress, entry: identifier });

/**
 * By the patient: an entry of theirs. By its holder: one that is not authorised, or was taken back. Body and keys are
 * deleted; that they were is what stays.
 */
export const eraseEntry = z.strictObject({
  patient: chainAddress,
  entry: identifier,
  reason: z.string().min(1).max(500).optional(),
});
/** What the ledger says of an entry that was erased. */
export const erasure = z.strictObject({
  entry: identifier,
  patient: chainAddress,
  institution: identifier,
  /** Of the sealed body that was. */
  sha256,
  attachment: attachment.optional(),
  /** Institution id, or the patient's address. */
  erasedBy: identifier,
  erasedAt: instant,
});
export type Erasure = z.infer<typeof erasure>;

/** The state of a patient's grants, to wrap keys for; for the patient and who acts for them. */
export const grantsOf = z.strictObject({ patient: chainAddress });
export const grantsState = z.strictObject({ granted: grantsMark });
export type GrantsState = z.infer<typeof grantsState>;

/**
 * The keys of a page of a patient's entries, as far as they are wrapped for the caller: as patient, holder or grantee.
 * `institution` is whose they are; absent, the calling person's. Whoever has none is told of none.
 */
export const keysOf = z.strictObject({
  patient: chainAddress,
  institution: identifier.optional(),
  pageSize: z.int().min(1).max(1000),
  bookmark: z.string().max(1024).optional(),
});
/** With a consent, a key that it granted; without, one of patient or holder. */
export const keyInPlace = z.strictObject({
  entry: identifier,
  consent: identifier.optional(),
  key: wrappedKey,
});
export type KeyInPlace = z.infer<typeof keyInPlace>;
/**
 * By whose keys they are, once their encryption key is another: the same content keys, wrapped for the new one. `institution`
 * is whose they are; absent, the calling patient's. With a consent, a key that it granted; without, one of holder or patient.
 */
export const rewrapKeys = z.strictObject({
  institution: identifier.optional(),
  keys: z
    .array(
      z.strictObject({
        patient: chainAddress,
        entry: identifier,
        consent: identifier.optional(),
        key: wrappedKey,
      }),
    )
    .min(1)
    .max(4 * maxBatch),
  /** How many more there are to be wrapped anew, as far as is known to whose keys they are. */
  left: z.int().min(0).optional(),
});
/** Keys that were wrapped anew in one transaction. */
export const rewrapped = z.strictObject({
  /** Chain address or institution id of whose they are. */
  owner: identifier,
  keys: z.int(),
  left: z.int().optional(),
});
export type Rewrapped = z.infer<typeof rewrapped>;
