/** Who reviews, and how many of them decide. */
import { type registry } from '@medigraph/schema';
import { callerAttributes, canonicalJson, demand } from '@medigraph/chaincode-lib';
import { type RegistryContext } from './registry-context.js';

/** The one key that the policy is kept under. */
const policyKey = 'current';

const majorityOf = (organizations: readonly unknown[]): number => Math.floor(organizations.length / 2) + 1;

/** The organisations that the care suite knows. */
async function organizationsOf(ctx: RegistryContext): Promise<string[]> {
  const known = await ctx.askCare('Registration:Organizations', {});
  return known.map(({ mspId }) => mspId);
}

/** What organisations agreed on; until they have, the majority of those that the care suite knows. */
export async function policyOf(ctx: RegistryContext): Promise<registry.ApprovalPolicy> {
  const agreed = await ctx.policies.get(policyKey);
  if (agreed) return agreed;
  const organizations = await organizationsOf(ctx);
  return { organizations, approvals: majorityOf(organizations) };
}

/** Does the caller sign for an organisation that reviews, and not as someone of it or as one of its programs? */
export function reviews(ctx: RegistryContext, { organizations }: registry.ApprovalPolicy): boolean {
  const { practitioner, application } = callerAttributes;
  const isMember = [practitioner, application].some((name) => ctx.attribute(name) !== undefined);
  return !ctx.caller.isPerson && !isMember && organizations.includes(ctx.caller.mspId);
}

/**
 * The policy, to an organisation that reviews.
 * @throws {@link ContractError} `CALLER_FORBIDDEN` to anyone else.
 */
export async function policyForReviewer(ctx: RegistryContext): Promise<registry.ApprovalPolicy> {
  const policy = await policyOf(ctx);
  demand(reviews(ctx, policy), 'CALLER_FORBIDDEN', 'only organisations that review DApps do this');
  return policy;
}

/** The policy as it stands and what organisations want in its place. */
export async function readPolicy(ctx: RegistryContext): Promise<registry.ApprovalPolicyState> {
  return { policy: await policyOf(ctx), proposals: await ctx.policyProposals.all() };
}

/**
 * Takes an organisation's word, in place of its former one; the policy changes as soon as enough have said the same.
 * @throws {@link ContractError} `CALLER_FORBIDDEN`; `POLICY_INVALID` if nobody could meet it.
 */
export async function proposePolicy(
  ctx: RegistryContext,
  wanted: registry.ApprovalPolicy,
): Promise<registry.ApprovalPolicyState> {
  const policy = await policyForReviewer(ctx);
  const organizations = [...new Set(wanted.organizations)].sort();
  const known = new Set(await organizationsOf(ctx));
  const unknown = organizations.filter((mspId) => !known.has(mspId));
  demand(
    unknown.length === 0,
    'POLICY_INVALID',
    `the ledger knows nobody of ${unknown.join(', ')}, and who is not there reviews nothing`,
  );
  demand(
    wanted.approvals <= organizations.length,
    'POLICY_INVALID',
    `${organizations.length} organisations cannot give ${wanted.approvals} approvals`,
  );
  const { approvals, majorsMayBreak } = wanted;
  // Unsaid means no: two who want the same write the same.
  const proposed = { organizations, approvals, ...(majorsMayBreak === true && { majorsMayBreak }) };
  const proposal = { mspId: ctx.caller.mspId, policy: proposed, at: ctx.now };
  const others = (await ctx.policyProposals.all()).filter(({ mspId }) => mspId !== proposal.mspId);
  const proposals = [...others, proposal];
  const equal = proposals.filter(
    (one) =>
      policy.organizations.includes(one.mspId) &&
      canonicalJson(one.policy) === canonicalJson(proposal.policy),
  );
  if (equal.length < policy.approvals) {
    await ctx.policyProposals.put(proposal, proposal.mspId);
    const state = { policy, proposals };
    ctx.emit('DAppReviewPolicyProposed', state);
    return state;
  }
  await Promise.all([
    ctx.policies.put(proposal.policy, policyKey),
    ...others.map(({ mspId }) => ctx.policyProposals.delete(mspId)),
  ]);
  const state = { policy: proposal.policy, proposals: [] };
  ctx.emit('DAppReviewPolicyChanged', state);
  return state;
}
