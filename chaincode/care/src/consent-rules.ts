import { type care, type primitives } from '@medigraph/schema';
import { ContractError } from '@medigraph/chaincode-lib';

type Provision = care.Provision;

/** Entries that grantees may read: authorised, and not taken back. */
export function isReadable(entry: care.Entry): boolean {
  return entry.status === 'final' || entry.status === 'amended';
}

/** Is the provision for whoever acts? One that names nobody is for everybody of the grantee. */
export function admits({ actor }: Provision, acting: care.ConsentActor | undefined): boolean {
  return actor === undefined || (actor.kind === acting?.kind && actor.id === acting.id);
}

/** Does it let its grantee read, rather than pass keys on? */
export function isForReading({ action = 'access' }: Provision): boolean {
  return action === 'access';
}

/** Does the provision open this entry, whatever the purpose? */
export function covers(provision: Provision, entry: care.IndexedEntry): boolean {
  const { resourceType, category, data, dataPeriod } = provision;
  return (
    (!resourceType || resourceType.includes(entry.resourceType)) &&
    (!category || category.includes(entry.category)) &&
    (!data || data.includes(entry.id)) &&
    (!dataPeriod?.start || dataPeriod.start <= entry.date) &&
    (!dataPeriod?.end || entry.date <= dataPeriod.end)
  );
}

function refuse(path: string, why: string): never {
  throw new ContractError('CONSENT_NOT_NARROWER', `${path}: ${why}`);
}

function demandWithin(
  narrowed: { start?: string; end?: string },
  asked: { start?: string; end?: string },
  path: string,
): void {
  if (asked.start && (!narrowed.start || narrowed.start < asked.start))
    refuse(`${path}.start`, `must not lie before the ${asked.start} asked for`);
  if (asked.end && (!narrowed.end || narrowed.end > asked.end))
    refuse(`${path}.end`, `must not lie after the ${asked.end} asked for`);
}

function demandSubset(
  narrowed: readonly string[] | undefined,
  asked: readonly string[] | undefined,
  path: string,
): void {
  if (!asked) return;
  if (!narrowed) refuse(path, 'must be given, since the request names it');
  narrowed.forEach((one, index) => {
    if (!asked.includes(one)) refuse(`${path}.${index}`, `${one} was not asked for`);
  });
}

/**
 * What the patient grants may take away from what was asked, never add.
 * @throws {@link ContractError} `CONSENT_NOT_NARROWER` naming the path.
 */
export function demandNarrower(
  asked: Pick<care.Consent, 'period' | 'provision'>,
  narrowed: { period?: primitives.InstantPeriod; provision?: Provision },
): void {
  const { period, provision } = narrowed;
  if (period) demandWithin(period, asked.period, 'narrowed.period');
  if (!provision) return;
  const path = 'narrowed.provision';
  if ((provision.action ?? 'access') !== (asked.provision.action ?? 'access'))
    refuse(`${path}.action`, 'must be the one asked for');
  if (asked.provision.actor && !admits(asked.provision, provision.actor))
    refuse(`${path}.actor`, 'must be the one asked for');
  demandSubset(provision.purpose, asked.provision.purpose, `${path}.purpose`);
  demandSubset(provision.resourceType, asked.provision.resourceType, `${path}.resourceType`);
  demandSubset(provision.category, asked.provision.category, `${path}.category`);
  demandSubset(provision.data, asked.provision.data, `${path}.data`);
  demandWithin(provision.dataPeriod ?? {}, asked.provision.dataPeriod ?? {}, `${path}.dataPeriod`);
}
