/** What whoever installs a DApp grants it. */
import { type care, type registry } from '@medigraph/schema';
import { type DAppManifest, type DAppScope } from '@medigraph/schema/dapps';
import { ContractError, demand, demandDistinct } from '@medigraph/chaincode-lib';
import { type RegistryContext } from './registry-context.js';

type Grant = registry.Installation['grants'][number];

const oneDay = 86_400_000;

function invalid(scope: string, why: string): never {
  throw new ContractError('GRANT_INVALID', `scope ${scope}: ${why}`);
}

/**
 * The scopes of a manifest that are granted.
 * @throws {@link ContractError} `SCOPE_UNKNOWN`, `SCOPE_REQUIRED`, `ARGUMENT_INVALID` if one is granted twice.
 */
export function grantedScopes({ scopes }: DAppManifest, grants: readonly Grant[]): DAppScope[] {
  demandDistinct(
    grants.map(({ scope }) => scope),
    (index) => `grants.${index}.scope`,
  );
  const all = new Map([...scopes.required, ...scopes.optional].map((scope) => [scope.id, scope]));
  const granted = grants.map(({ scope: id }) => {
    const scope = all.get(id);
    if (!scope) throw new ContractError('SCOPE_UNKNOWN', `the DApp asks for no scope ${id}`);
    return scope;
  });
  for (const { id } of scopes.required)
    demand(
      granted.some((scope) => scope.id === id),
      'SCOPE_REQUIRED',
      `scope ${id} must be granted`,
    );
  return granted;
}

/**
 * Checks that each scope is opened by a consent of the patient, to the publisher's institution, for the DApp alone, and no
 * wider than what was asked for.
 * @throws {@link ContractError} `GRANT_INVALID`; `CONSENT_NOT_FOUND` for a consent that is not the patient's to see.
 */
export async function demandConsents(
  ctx: RegistryContext,
  scopes: readonly DAppScope[],
  grants: readonly Grant[],
  parties: { readonly dapp: string; readonly patient: string; readonly institution: string },
): Promise<void> {
  for (const [index, scope] of scopes.entries()) {
    const id = grants[index]?.consent ?? invalid(scope.id, 'a patient grants it with a consent');
    const consent = await ctx.askCare('Access:ReadConsent', { consent: id });
    demandParties(consent, scope.id, parties);
    demandInForce(ctx, consent, scope);
    demandNoWider(consent.provision, scope);
  }
}

function demandParties(
  { patient, grantee, provision: { actor } }: care.Consent,
  scope: string,
  parties: Parameters<typeof demandConsents>[3],
): void {
  if (patient !== parties.patient) invalid(scope, 'the consent is another patient’s');
  if (grantee !== parties.institution) invalid(scope, `the consent is not to ${parties.institution}`);
  if (actor?.kind !== 'application' || actor.id !== parties.dapp)
    invalid(scope, `the consent is not for application ${parties.dapp} alone`);
}

function demandInForce(ctx: RegistryContext, consent: care.Consent, { id, days }: DAppScope): void {
  const { status, decision, period } = consent;
  if (status !== 'active' || decision !== 'permit') invalid(id, 'the consent permits nothing now');
  if (period.end !== undefined && period.end <= ctx.now) invalid(id, 'the consent has ended');
  if (days === undefined) return;
  const from = Math.max(
    ...[consent.decidedAt, period.start].map((one) => (one === undefined ? 0 : Date.parse(one))),
  );
  if (period.end === undefined || Date.parse(period.end) > from + days * oneDay)
    invalid(id, `the consent is for longer than ${days} days`);
}

function demandNoWider({ purpose, category, action = 'access' }: care.Provision, scope: DAppScope): void {
  if (action !== 'access') invalid(scope.id, 'the consent is not for reading');
  if (!purpose.every((one) => scope.purpose.includes(one)))
    invalid(scope.id, 'the consent has other purposes');
  const { category: asked } = scope;
  if (asked && !category?.every((one) => asked.includes(one)))
    invalid(scope.id, 'the consent opens other categories');
}
