/** Which version of a DApp runs, and whether any does. */
import { type registry } from '@medigraph/schema';
import { demand } from '@medigraph/chaincode-lib';
import { compare } from 'semver';
import { policyForReviewer, policyOf, reviews } from './approval-policy.js';
import { demandState } from './publishing.js';
import { type RegistryContext } from './registry-context.js';
import { demandStatus } from './review.js';

interface Wanted {
  readonly dapp: string;
  readonly version: string;
}

/**
 * Says that the channel's lifecycle has committed a version. An earlier one than runs only if the publisher wants it back.
 * @throws {@link ContractError} `RELEASE_STATE_INVALID`, `CHANNEL_CHANGED`.
 */
export async function activate(
  ctx: RegistryContext,
  { dapp: id, version }: Wanted,
): Promise<registry.DAppRelease> {
  await policyForReviewer(ctx);
  const { rollback, ...dapp } = await ctx.changeableDApp(id);
  const release = await ctx.existingRelease(id, version);
  demandStatus(release, 'approved', 'superseded');
  const before = dapp.active === undefined ? undefined : await ctx.existingRelease(id, dapp.active);
  const forward = release.status === 'approved' && (!before || compare(version, before.version) > 0);
  demand(
    forward || rollback === version,
    'RELEASE_STATE_INVALID',
    `the publisher has not asked for version ${version} of ${id} again`,
  );
  await demandState(ctx, dapp, release.manifest);
  const activated: registry.DAppRelease = { ...release, status: 'active' };
  await Promise.all([
    ctx.putRelease(activated),
    ...(before ? [ctx.putRelease({ ...before, status: 'superseded' })] : []),
    ctx.dapps.put({ ...dapp, active: version, status: dapp.deprecation ? 'deprecated' : 'active' }, id),
  ]);
  ctx.emit('DAppActivated', activated);
  return activated;
}

/** By the publisher. @throws {@link ContractError} `RELEASE_STATE_INVALID` for a version that never was approved, or runs. */
export async function rollBack(
  ctx: RegistryContext,
  { dapp: id, version }: Wanted,
): Promise<registry.DAppRelease> {
  const dapp = await ctx.runningDApp(id);
  await ctx.publisherOfCaller(dapp.publisher);
  const release = await ctx.existingRelease(id, version);
  demandStatus(release, 'superseded', 'approved');
  demand(
    compare(version, dapp.active) < 0 || release.status === 'superseded',
    'RELEASE_STATE_INVALID',
    `version ${version} of ${id} is not an earlier one`,
  );
  await ctx.dapps.put({ ...dapp, rollback: version }, id);
  ctx.emit('DAppRollbackRequested', release);
  return release;
}

/** By the publisher: notice that it will end. */
export async function deprecate(
  ctx: RegistryContext,
  { dapp: id, reason, endsAt }: { dapp: string; reason: string; endsAt: string },
): Promise<registry.DApp> {
  const dapp = await ctx.runningDApp(id);
  await ctx.publisherOfCaller(dapp.publisher);
  demand(endsAt > ctx.now, 'ARGUMENT_INVALID', 'endsAt: must lie in the future');
  const deprecated: registry.DApp = {
    ...dapp,
    status: 'deprecated',
    deprecation: { reason, endsAt, since: ctx.now },
  };
  await ctx.dapps.put(deprecated, id);
  ctx.emit('DAppDeprecated', deprecated);
  return deprecated;
}

async function isRegulator(ctx: RegistryContext, institution: string | undefined): Promise<boolean> {
  return institution !== undefined && (await ctx.institutionOfCaller(institution)).kind === 'regulator';
}

/** Stops a DApp for everybody: at a regulator's word, or at that of as many organisations as approve. */
export async function revoke(
  ctx: RegistryContext,
  { dapp: id, reason, regulator }: { dapp: string; reason: string; regulator?: string },
): Promise<registry.DApp> {
  const alone = await isRegulator(ctx, regulator);
  const policy = await policyOf(ctx);
  demand(
    alone || reviews(ctx, policy),
    'CALLER_FORBIDDEN',
    'only organisations that review DApps revoke them',
  );
  const dapp = await ctx.changeableDApp(id);
  const { mspId } = ctx.caller;
  const before = dapp.revocations ?? [];
  demand(
    alone || !before.some((one) => one.mspId === mspId),
    'VOTE_EXISTS',
    `${mspId} has said already that ${id} shall stop`,
  );
  const revocations = [...before.filter((one) => one.mspId !== mspId), { mspId, reason, at: ctx.now }];
  const saying = revocations.filter((one) => policy.organizations.includes(one.mspId)).length;
  if (!alone && saying < policy.approvals) {
    const proposed = { ...dapp, revocations };
    await ctx.dapps.put(proposed, id);
    ctx.emit('DAppRevocationProposed', proposed);
    return proposed;
  }
  const { active, rollback: _, ...stopped } = dapp;
  const revoked: registry.DApp = {
    ...stopped,
    revocations,
    status: 'revoked',
    revocation: { reason, at: ctx.now },
  };
  await ctx.dapps.put(revoked, id);
  if (active !== undefined)
    await ctx.putRelease({ ...(await ctx.existingRelease(id, active)), status: 'revoked', reason });
  ctx.emit('DAppRevoked', revoked);
  return revoked;
}
