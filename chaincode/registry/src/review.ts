/** What organisations say of a version: reports of their checks, and votes. */
import { type registry } from '@medigraph/schema';
import { ContractError, demand } from '@medigraph/chaincode-lib';
import { policyForReviewer } from './approval-policy.js';
import { type RegistryContext } from './registry-context.js';

type Release = registry.DAppRelease;
type Status = Release['status'];

/** @throws {@link ContractError} `RELEASE_STATE_INVALID`. */
export function demandStatus({ dapp, version, status }: Release, ...allowed: readonly Status[]): void {
  demand(
    allowed.includes(status),
    'RELEASE_STATE_INVALID',
    `version ${version} of ${dapp} is ${status}, not ${allowed.join(' or ')}`,
  );
}

/** What an organisation's checks found, in place of its former report. An error refuses the version, whoever finds it. */
export async function reportChecks(
  ctx: RegistryContext,
  { dapp, version, findings }: { dapp: string; version: string; findings: readonly registry.Finding[] },
): Promise<Release> {
  await policyForReviewer(ctx);
  await ctx.changeableDApp(dapp);
  const release = await ctx.existingRelease(dapp, version);
  demandStatus(release, 'submitted', 'checked');
  const { mspId } = ctx.caller;
  const error = findings.find(({ severity }) => severity === 'error');
  const report = {
    mspId,
    outcome: error ? ('failed' as const) : ('passed' as const),
    findings: [...findings],
    at: ctx.now,
  };
  const reported: Release = {
    ...release,
    status: error ? 'refused' : 'checked',
    reports: [...release.reports.filter((one) => one.mspId !== mspId), report],
    ...(error && { reason: `${error.code}: ${error.message}`.slice(0, 1_000) }),
  };
  await ctx.putRelease(reported);
  ctx.emit(error ? 'DAppRefused' : 'DAppChecked', reported);
  return reported;
}

async function voting(
  ctx: RegistryContext,
  { dapp, version }: { dapp: string; version: string },
  ...allowed: readonly Status[]
): Promise<{ policy: registry.ApprovalPolicy; release: Release }> {
  const policy = await policyForReviewer(ctx);
  await ctx.changeableDApp(dapp);
  const release = await ctx.existingRelease(dapp, version);
  demandStatus(release, ...allowed);
  if (release.votes.some(({ mspId }) => mspId === ctx.caller.mspId))
    throw new ContractError('VOTE_EXISTS', `${ctx.caller.mspId} has voted on version ${version} of ${dapp}`);
  return { policy, release };
}

/** How many organisations that review today have decided so. */
function votesFor(release: Release, { organizations }: registry.ApprovalPolicy, decision: string): number {
  return release.votes.filter((one) => one.decision === decision && organizations.includes(one.mspId)).length;
}

/** An organisation's yes. Also after enough have said so: each organisation's word starts what its own nodes do. */
export async function approve(
  ctx: RegistryContext,
  wanted: { dapp: string; version: string },
): Promise<Release> {
  const { policy, release } = await voting(ctx, wanted, 'checked', 'approved', 'active', 'superseded');
  const votes = [...release.votes, { mspId: ctx.caller.mspId, decision: 'approve' as const, at: ctx.now }];
  const voted = { ...release, votes };
  const enough = release.status === 'checked' && votesFor(voted, policy, 'approve') >= policy.approvals;
  const approved: Release = enough ? { ...voted, status: 'approved' } : voted;
  await ctx.putRelease(approved);
  ctx.emit('DAppApproved', approved);
  return approved;
}

/** An organisation's no, with its reason. The version is refused once too few are left who could say yes. */
export async function refuse(
  ctx: RegistryContext,
  { reason, ...wanted }: { dapp: string; version: string; reason: string },
): Promise<Release> {
  const { policy, release } = await voting(ctx, wanted, 'submitted', 'checked');
  const vote = { mspId: ctx.caller.mspId, decision: 'refuse' as const, reason, at: ctx.now };
  const voted = { ...release, votes: [...release.votes, vote] };
  const left = policy.organizations.length - votesFor(voted, policy, 'refuse');
  const refused: Release = left < policy.approvals ? { ...voted, status: 'refused', reason } : voted;
  await ctx.putRelease(refused);
  ctx.emit('DAppRefused', refused);
  return refused;
}
