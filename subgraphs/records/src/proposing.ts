/** What an institution writes about a patient: sealed for both, and the patient's to authorise. */
import { type Committed } from '@medigraph/platform/ledger';
import { care } from '@medigraph/schema';
import { type RecordsContext } from './context.js';
import { writeInParts } from './large/writing-in-parts.js';

/** Puts sealed entries on the ledger: in one transaction, or a single large one in parts. */
export function proposeSealed(
  context: RecordsContext,
  { entries, ...origin }: ReturnType<typeof care.proposeEntries.parse>,
  idempotencyKey?: string,
): Promise<Committed<care.Entry[]>> {
  const [entry] = entries;
  if (entry && care.isInParts(entry.body)) return writeInParts(context, { ...origin, entry }, idempotencyKey);
  return context.commit<care.Entry[]>(
    { contract: 'Records', transaction: 'ProposeEntries', argument: { ...origin, entries } },
    { idempotencyKey },
  );
}
