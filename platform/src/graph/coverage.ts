/** Which entries a consent opens: the reading of `Consent.provision` that every subgraph shares with the contracts. */
import { type care } from '@medigraph/schema';

/** What of an entry a provision speaks about. */
export type CoverableEntry = Pick<care.Entry, 'id' | 'category' | 'date'>;

/** Whether the provision covers the entry, leaving purpose and time of use aside. */
export function provisionCovers(provision: care.Provision, entry: CoverableEntry): boolean {
  const { category, data, dataPeriod } = provision;
  if (category && !category.includes(entry.category)) return false;
  if (data && !data.includes(entry.id)) return false;
  if (dataPeriod?.start !== undefined && entry.date < dataPeriod.start) return false;
  if (dataPeriod?.end !== undefined && entry.date > dataPeriod.end) return false;
  return true;
}

/** Whether the consent is granted and may be used at that instant. */
export function inForce({ status, decision, period }: care.Consent, at: string): boolean {
  return (
    status === 'active' &&
    decision === 'permit' &&
    (period.start === undefined || period.start <= at) &&
    (period.end === undefined || at < period.end)
  );
}

/** The same as {@link provisionCovers}, as a query over documents with `id`, `category` and `date`. */
export function coveredBy({ category, data, dataPeriod }: care.Provision): object {
  const conditions: object[] = [];
  if (category) conditions.push({ category: { $in: category } });
  if (data) conditions.push({ id: { $in: data } });
  if (dataPeriod?.start !== undefined) conditions.push({ date: { $gte: dataPeriod.start } });
  if (dataPeriod?.end !== undefined) conditions.push({ date: { $lte: dataPeriod.end } });
  return conditions.length === 0 ? {} : { $and: conditions };
}
