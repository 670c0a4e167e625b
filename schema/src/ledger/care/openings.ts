/** Reading: what an opening asks and answers, and what stays on the ledger of it. */
import { z } from 'zod';
import { purposesOfUse } from '../../vocabulary.js';
import { chainAddress, identifier, instant, mspId, wrappedKey } from '../primitives.js';
import { consentActor } from './access.js';
import { maxBatch } from './batch.js';
import { entry } from './records.js';

/**
 * Opens entries for reading and logs it. `institution` is who reads; absent, the person who signs: the patient, or whom a
 * consent names. All or none: one that the caller may not open answers `ENTRY_NOT_FOUND`, as if it were not there.
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
  /** Of an entry stored in parts, which is then the only one: the part wanted. */
  part: z.int().min(0).optional(),
  /** Transaction id of the opening. */
  opening: z.string().regex(/^[0-9a-f]{64}$/),
});
export const openingLifetimeSeconds = 300;
/** The body, or the part of it that was wanted. */
export const sealedBodyOf = z.strictObject({ entry: identifier, body: z.string().max(1_500_000) });
export type SealedBodyOf = z.infer<typeof sealedBodyOf>;

/** For the patient and whoever decides in their name: who opened what, oldest first. */
export const auditOf = z.strictObject({
  patient: chainAddress,
  pageSize: z.int().min(1).max(1000),
  bookmark: z.string().max(1024).optional(),
});
export const opening = z.strictObject({
  transaction: z.string(),
  patient: chainAddress,
  /** Institution id, or a person's address. */
  actor: identifier,
  /** Who of the institution, as the certificate that signed says. */
  by: consentActor.optional(),
  mspId,
  /** Chain address of the key that signed. */
  signer: chainAddress,
  purpose: z.enum(purposesOfUse),
  entries: z.array(z.strictObject({ entry: identifier, consent: identifier.optional() })),
  openedAt: instant,
});
export type Opening = z.infer<typeof opening>;
