/** A patient installs a DApp: consents for what it may read, then the installation that names them. */
import { addKeys, keysOf, offer } from '@medigraph/platform/graph';
import { type Committed } from '@medigraph/platform/ledger';
import { type care, type registry } from '@medigraph/schema';
import { type DAppsContext } from '../context.js';
import { DAppEnded, DAppNotActive, DAppRevoked } from '../errors.js';
import {
  consentNames,
  consentsOfDApp,
  grantedScopes,
  matched,
  type OpenedScope,
  type Parties,
  termsOf,
} from './scope-consents.js';

type Installation = registry.Installation;

/**
 * Installs, or changes what is granted: ends the consents of what is granted no more, gives those of what is new, and says so in the
 * registry. Calling it again after it was cut off goes on where it stopped.
 * @throws `DAPP_NOT_FOUND`, `DAPP_NOT_ACTIVE`, `DAPP_REVOKED`, `DAPP_ENDED`, `SCOPE_UNKNOWN`, `SCOPE_REQUIRED`; `KEY_NOT_FOUND` for a patient who
 *   keeps their key themself and has entries to open.
 */
export async function installForPatient(
  context: DAppsContext,
  patient: string,
  { dapp: id, scopes: ids }: { readonly dapp: string; readonly scopes: readonly string[] },
  idempotencyKey: string | undefined,
): Promise<Committed<Installation>> {
  const { dapp, manifest, grantee } = await runningVersion(context, id);
  const scopes = grantedScopes(manifest, ids);
  const parties = { patient, dapp: id, grantee };
  const [consents, installed] = await Promise.all([
    allConsents(context, patient),
    context.askRegistry<registry.Installed>('Installed', { dapp: id, holder: patient }),
  ]);
  // Peers say the same, but only once the consents are given.
  if (!installed.installed && hasEnded(dapp)) throw new DAppEnded(id);
  const grants = installed.installation?.grants ?? [];
  const standing = consentsOfDApp(consents, parties);
  const opened = matched(scopes, standing, grants, Date.now());
  const kept = new Set(opened.map(({ consent }) => consent?.id));
  await end(
    context,
    standing.filter((consent) => !kept.has(consent.id)),
  );
  const taken = new Set(consents.map((consent) => consent.id));
  const named = new Set(grants.map(({ consent }) => consent));
  const granted: Installation['grants'] = [];
  for (const one of opened)
    granted.push({ scope: one.scope.id, consent: await open(context, parties, one, taken, named) });
  return context.commitToRegistry('Install', { dapp: id, grants: granted }, idempotencyKey);
}

/** Ends all consents by which the DApp reads, then the installation; also of a DApp that runs no more. */
export async function uninstallForPatient(
  context: DAppsContext,
  patient: string,
  dapp: string,
  idempotencyKey: string | undefined,
): Promise<Committed<Installation>> {
  const grantee = await granteeOf(context, dapp);
  await end(context, consentsOfDApp(await allConsents(context, patient), { patient, dapp, grantee }));
  return context.commitToRegistry('Uninstall', { dapp }, idempotencyKey);
}

/** From the ledger and not from a copy: what is signed must fit what runs. */
async function runningVersion(
  context: DAppsContext,
  id: string,
): Promise<{
  readonly dapp: registry.DApp;
  readonly manifest: registry.DAppRelease['manifest'];
  readonly grantee: string;
}> {
  const dapp = await context.askRegistry<registry.DApp>('ReadDApp', { dapp: id });
  if (dapp.status === 'revoked') throw new DAppRevoked(id);
  if (dapp.active === undefined) throw new DAppNotActive(id);
  const [{ manifest }, { institution }] = await Promise.all([
    context.askRegistry<registry.DAppRelease>('ReadRelease', { dapp: id, version: dapp.active }),
    context.askRegistry<registry.Publisher>('ReadPublisher', { publisher: dapp.publisher }),
  ]);
  return { dapp, manifest, grantee: institution };
}

/** Has the end come that the publisher announced? */
function hasEnded({ deprecation }: registry.DApp): boolean {
  return deprecation !== undefined && Date.parse(deprecation.endsAt) <= Date.now();
}

async function granteeOf(context: DAppsContext, id: string): Promise<string> {
  const { publisher } = await context.askRegistry<registry.DApp>('ReadDApp', { dapp: id });
  return (await context.askRegistry<registry.Publisher>('ReadPublisher', { publisher })).institution;
}

const allConsents = (context: DAppsContext, patient: string): Promise<care.Consent[]> =>
  context.evaluate({ contract: 'Access', transaction: 'ConsentsOf', argument: { patient } });

async function end(context: DAppsContext, consents: readonly care.Consent[]): Promise<void> {
  for (const { id } of consents)
    await context.submit({ contract: 'Access', transaction: 'Revoke', argument: { consent: id } });
}

/** The consent that opens a scope: the one that does already, or a new one with the keys of what it covers. */
async function open(
  context: DAppsContext,
  parties: Parties,
  { scope, consent }: OpenedScope,
  taken: ReadonlySet<string>,
  named: ReadonlySet<string | undefined>,
): Promise<string> {
  const decider = { patient: parties.patient };
  if (consent === undefined) {
    const terms = termsOf(scope, parties, consentNames(context, parties, taken), Date.now());
    await offer(context, decider, terms, undefined);
    return terms.id;
  }
  // One that no installation names was given by a call that was cut off, perhaps before all of its keys.
  if (!named.has(consent.id)) await addKeys(context, await keysOf(context, decider, consent));
  return consent.id;
}
