/** The consents that scopes of a DApp become: which stand, which are to be given, which are to end. */
import { type care, type registry } from '@medigraph/schema';
import { type DAppManifest, type DAppScope } from '@medigraph/schema/dapps';
import { type DAppsContext } from '../context.js';
import { ScopeRequired, ScopeUnknown } from '../errors.js';

type Grant = registry.Installation['grants'][number];

/** Whose records, for which DApp, in whose place its publisher stands. */
export interface Parties {
  readonly patient: string;
  readonly dapp: string;
  /** Institution that the consents are given to. */
  readonly grantee: string;
}

const oneDay = 86_400_000;

/**
 * The scopes of a manifest that are granted, each once.
 * @throws {@link ScopeUnknown}, {@link ScopeRequired}
 */
export function grantedScopes({ scopes }: DAppManifest, granted: readonly string[]): DAppScope[] {
  const all = [...scopes.required, ...scopes.optional];
  for (const id of granted) if (all.every((scope) => scope.id !== id)) throw new ScopeUnknown(id);
  for (const { id } of scopes.required) if (!granted.includes(id)) throw new ScopeRequired(id);
  return all.filter(({ id }) => granted.includes(id));
}

/** Those of a patient's consents by which a DApp reads now. */
export function consentsOfDApp(
  consents: readonly care.Consent[],
  { dapp, grantee }: Parties,
): care.Consent[] {
  return consents.filter(
    ({ status, decision, provision: { actor }, ...consent }) =>
      status === 'active' &&
      decision === 'permit' &&
      consent.grantee === grantee &&
      actor?.kind === 'application' &&
      actor.id === dapp,
  );
}

/** A scope with the consent that opens it, if one does already. */
export interface OpenedScope {
  readonly scope: DAppScope;
  readonly consent?: care.Consent;
}

/**
 * Finds for each scope a consent that says what it asks; no consent serves two.
 * @param grants of the installation as it stands: of consents that say the same, the one that it names is taken.
 */
export function matched(
  scopes: readonly DAppScope[],
  consents: readonly care.Consent[],
  grants: readonly Grant[],
  now: number,
): OpenedScope[] {
  const free = new Map(consents.map((consent) => [consent.id, consent]));
  const take = (scope: DAppScope, consent: care.Consent | undefined): care.Consent | undefined => {
    if (consent === undefined || !saysAs(consent, scope, now)) return undefined;
    free.delete(consent.id);
    return consent;
  };
  const named = new Map(
    scopes.map((scope) => {
      const id = grants.find((grant) => grant.scope === scope.id)?.consent;
      return [scope.id, take(scope, id === undefined ? undefined : free.get(id))];
    }),
  );
  return scopes.map((scope) => {
    const found = [...free.values()].find((consent) => saysAs(consent, scope, now));
    return { scope, consent: named.get(scope.id) ?? take(scope, found) };
  });
}

function saysAs({ provision, period, decidedAt = '' }: care.Consent, scope: DAppScope, now: number): boolean {
  const { purpose, resourceType, category, action = 'access', data, dataPeriod } = provision;
  return (
    action === 'access' &&
    resourceType === undefined &&
    data === undefined &&
    dataPeriod === undefined &&
    sameMembers(purpose, scope.purpose) &&
    sameMembers(category, scope.category) &&
    lastsAs(period, Date.parse(decidedAt), scope.days, now)
  );
}

function sameMembers(some: readonly string[] | undefined, others: readonly string[] | undefined): boolean {
  if (some === undefined || others === undefined) return some === others;
  return some.every((one) => others.includes(one)) && others.every((one) => some.includes(one));
}

function lastsAs(
  { start, end }: care.Consent['period'],
  decided: number,
  days: number | undefined,
  now: number,
): boolean {
  if (start !== undefined) return false;
  if (end === undefined || days === undefined) return end === days;
  return Date.parse(end) > now && Date.parse(end) <= decided + days * oneDay;
}

/** What a consent says that opens a scope from now on. */
export function termsOf(
  { id, purpose, category, days, reason }: DAppScope,
  { grantee, dapp }: Parties,
  nameFor: (scope: string) => string,
  now: number,
): Pick<care.Consent, 'id' | 'grantee' | 'period' | 'provision' | 'reason'> {
  return {
    id: nameFor(id),
    grantee,
    period: days === undefined ? {} : { end: new Date(now + days * oneDay).toISOString() },
    provision: { purpose, ...(category && { category }), actor: { kind: 'application', id: dapp } },
    reason,
  };
}

/**
 * Names new consents: unguessable, and the same when a call that was cut off is made again, so that nothing is given twice.
 * @param taken ids of all consents of the patient, ended ones too.
 */
export function consentNames(
  { services }: DAppsContext,
  { patient, dapp }: Parties,
  taken: ReadonlySet<string>,
): (scope: string) => string {
  return (scope) => {
    for (let nth = 0; ; nth += 1) {
      const id = services.custody
        .keyedHash('consent', JSON.stringify([patient, dapp, scope, nth]))
        .slice(0, 32);
      if (!taken.has(id)) return id;
    }
  };
}
