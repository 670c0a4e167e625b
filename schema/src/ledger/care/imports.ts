/** Imports: a patient asks an institution for their history, is shown what there is, and picks. */
import { z } from 'zod';
import { entryCategories } from '../../vocabulary.js';
import { chainAddress, dayPeriod, identifier, instant } from '../primitives.js';
import { maxBatch } from './batch.js';

/** Asked for; shown to the patient; taken by the patient, in part or whole; ended without anything taken. */
export const importStatuses = ['requested', 'offered', 'picked', 'declined'] as const;

/** Most entries that one import offers. */
export const maxOffered = 4 * maxBatch;

export const historyImport = z.strictObject({
  id: identifier,
  patient: chainAddress,
  /** Institution asked. */
  institution: identifier,
  status: z.enum(importStatuses),
  /** Categories asked for; absent means all. */
  category: z.array(z.enum(entryCategories)).min(1).optional(),
  /** Entry dates asked for. */
  dataPeriod: dayPeriod.optional(),
  /** Of whoever said one last. */
  reason: z.string().max(500).optional(),
  /** Entries shown to the patient; preliminary until picked. */
  offered: z.array(identifier).max(maxOffered),
  /** Those of them that the patient took. */
  picked: z.array(identifier).max(maxOffered),
  requestedAt: instant,
  changedAt: instant,
});
export type HistoryImport = z.infer<typeof historyImport>;

/** By the patient. The institution must be one that the patient lets store records. */
export const requestImport = historyImport.pick({
  id: true,
  institution: true,
  category: true,
  dataPeriod: true,
  reason: true,
});
/** By the institution asked: entries that it proposed before; again for more of them, until the patient picks. */
export const authorizeImport = z.strictObject({
  patient: chainAddress,
  import: identifier,
  entries: z.array(identifier).min(1).max(maxBatch),
});
/** By the patient: what they authorised of what was offered. The rest stays as it is, unauthorised. */
export const pickEntries = z.strictObject({
  import: identifier,
  entries: z.array(identifier).min(1).max(maxOffered),
});
/** By the patient or by the institution asked. */
export const declineImport = z.strictObject({
  patient: chainAddress,
  import: identifier,
  reason: z.string().max(500).optional(),
});
/** For the patient and the institution asked; anyone else is told that there is none. */
export const readImport = z.strictObject({ patient: chainAddress, import: identifier });
