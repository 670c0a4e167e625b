/** Whose a DApp is to use, with what, and what they say of it. */
import { type registry } from '@medigraph/schema';
import { ContractError, demand } from '@medigraph/chaincode-lib';
import { demandConsents, grantedScopes } from './grants.js';
import { type RegistryContext } from './registry-context.js';

type Installation = registry.Installation;
type Holder = Pick<Installation, 'holder' | 'holderKind'>;

/** The institution that is named, for which the caller acts; else the patient who signs. */
async function holderOf(ctx: RegistryContext, institution: string | undefined): Promise<Holder> {
  if (institution !== undefined) {
    const { id } = await ctx.institutionOfCaller(institution);
    return { holder: id, holderKind: 'institution' };
  }
  const { address } = await ctx.askCare('Registration:Self', {});
  return { holder: address, holderKind: 'patient' };
}

function notInstalled(dapp: string): ContractError {
  return new ContractError('INSTALLATION_NOT_FOUND', `DApp ${dapp} is not installed there`);
}

async function activeInstallation(ctx: RegistryContext, dapp: string, holder: string): Promise<Installation> {
  const installation = await ctx.installations.get(dapp, holder);
  if (installation?.status !== 'active') throw notInstalled(dapp);
  return installation;
}

/** Installs, or changes what is granted; the latter also after the end that was announced. Institutions grant without consents: what they hold is not a patient's to open. */
export async function install(
  ctx: RegistryContext,
  { dapp: id, institution, grants }: { dapp: string; institution?: string; grants: Installation['grants'] },
): Promise<Installation> {
  const dapp = await ctx.runningDApp(id);
  const holder = await holderOf(ctx, institution);
  const before = await ctx.installations.get(id, holder.holder);
  const standing = before?.status === 'active' ? before : undefined;
  if (!standing && dapp.deprecation !== undefined && dapp.deprecation.endsAt <= ctx.now)
    throw new ContractError('DAPP_ENDED', `DApp ${id} has ended: ${dapp.deprecation.reason}`);
  const { manifest, version } = await ctx.existingRelease(id, dapp.active);
  const scopes = grantedScopes(manifest, grants);
  if (holder.holderKind === 'patient') {
    const publisher = await ctx.existingPublisher(dapp.publisher);
    const parties = { dapp: id, patient: holder.holder, institution: publisher.institution };
    await demandConsents(ctx, scopes, grants, parties);
  } else if (grants.some(({ consent }) => consent !== undefined))
    throw new ContractError('GRANT_INVALID', 'an institution grants without consents');
  const since = standing?.since ?? ctx.now;
  const installation: Installation = { dapp: id, ...holder, version, grants, status: 'active', since };
  await ctx.installations.put(installation, id, holder.holder);
  ctx.emit('DAppInstalled', installation);
  return installation;
}

/** Ends an installation, also of a DApp that runs no more. */
export async function uninstall(
  ctx: RegistryContext,
  { dapp, institution }: { dapp: string; institution?: string },
): Promise<Installation> {
  const { holder } = await holderOf(ctx, institution);
  const installation = await activeInstallation(ctx, dapp, holder);
  const ended: Installation = { ...installation, status: 'ended', endedAt: ctx.now };
  await ctx.installations.put(ended, dapp, holder);
  ctx.emit('DAppUninstalled', ended);
  return ended;
}

/** What someone who has it installed says of it, in place of what they said before. */
export async function rate(
  ctx: RegistryContext,
  { dapp, institution, ...said }: { dapp: string; institution?: string; stars: number; review?: string },
): Promise<registry.Rating> {
  const { holder } = await holderOf(ctx, institution);
  const { version } = await activeInstallation(ctx, dapp, holder);
  const publisher = await ctx.existingPublisher((await ctx.existingDApp(dapp)).publisher);
  demand(
    !ctx.isPublisher(publisher),
    'CALLER_FORBIDDEN',
    'nobody rates what their own organisation publishes',
  );
  const rating: registry.Rating = { dapp, author: holder, ...said, version, at: ctx.now };
  await ctx.ratings.put(rating, dapp, holder);
  ctx.emit('DAppRated', rating);
  return rating;
}

async function maySee(ctx: RegistryContext, { dapp, holder, holderKind }: Installation): Promise<boolean> {
  const calling = ctx.callingDApp;
  if (calling !== undefined) return calling === dapp;
  try {
    return (await holderOf(ctx, holderKind === 'institution' ? holder : undefined)).holder === holder;
  } catch (error) {
    if (error instanceof ContractError) return false;
    throw error;
  }
}

/** Is it installed there, as far as the caller may know? Nothing of a DApp that was revoked is. */
export async function readInstallation(
  ctx: RegistryContext,
  { dapp: id, holder }: { dapp: string; holder: string },
): Promise<registry.Installed> {
  const [dapp, installation] = await Promise.all([ctx.dapps.get(id), ctx.installations.get(id, holder)]);
  const counts = dapp?.active !== undefined && installation?.status === 'active';
  return counts && (await maySee(ctx, installation))
    ? { installed: true, installation }
    : { installed: false };
}
