/** Which entries a consent opens: the reading of `Consent.provision` that every subgraph shares with the contracts. */
import { type care } from '@medigraph/schema';

/** Whether the provision covers the entry, leaving purpose and time of use aside. */
export function provisionCovers(provision: care.Provision, entry: care.IndexedEntry): boolean {
  const { resourceType, category, data, dataPeriod } = provision;
  if (resourceType && !resourceType.includes(entry.resourceType)) return false;
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

/** Who looks, of the grantee's people. */
type Acting = care.Provision['actor'];

/** Whether the consent lets its grantee read at that instant, and whoever of it acts. */
export function letsRead(consent: care.Consent, at: string, acting?: Acting): boolean {
  const { action = 'access' } = consent.provision;
  return inForce(consent, at) && action === 'access' && admits(consent.provision, acting);
}

function admits({ actor }: care.Provision, acting: Acting): boolean {
  return actor === undefined || (actor.kind === acting?.kind && actor.id === acting.id);
}

/**
 * What a grantee may know of through its consents, as a query over documents of {@link care.IndexedEntry}: what any of
 * them opens, but for what a standing refusal takes away from it altogether. Undefined if that is nothing.
 */
export function openedBy(consents: readonly care.Consent[], at: string, acting?: Acting): object | undefined {
  const refusals = consents.filter(
    ({ status, decision, period, provision }) =>
      status === 'active' &&
      decision === 'deny' &&
      (period.start === undefined || period.start <= at) &&
      (period.end === undefined || at < period.end) &&
      admits(provision, acting),
  );
  const $or = consents
    .filter((consent) => letsRead(consent, at, acting))
    .map(({ provision }) => {
      const $nor = refusals
        .filter((refusal) => provision.purpose.every((one) => refusal.provision.purpose.includes(one)))
        .map((refusal) => coveredBy(refusal.provision));
      return $nor.length === 0 ? coveredBy(provision) : { $and: [coveredBy(provision), { $nor }] };
    });
  return $or.length === 0 ? undefined : { $or };
}

/** The same as {@link provisionCovers}, as a query over documents of {@link care.IndexedEntry}. */
export function coveredBy({ resourceType, category, data, dataPeriod }: care.Provision): object {
  const conditions: object[] = [];
  if (resourceType) conditions.push({ resourceType: { $in: resourceType } });
  if (category) conditions.push({ category: { $in: category } });
  if (data) conditions.push({ id: { $in: data } });
  if (dataPeriod?.start !== undefined) conditions.push({ date: { $gte: dataPeriod.start } });
  if (dataPeriod?.end !== undefined) conditions.push({ date: { $lte: dataPeriod.end } });
  return conditions.length === 0 ? {} : { $and: conditions };
}
