import { claims } from '@medigraph/schema';
import { demand, demandDistinct, Returns, Transaction } from '@medigraph/chaincode-lib';
import { ClaimsContext, isInForce } from './claims-context.js';
import { ClaimsContract } from './claims-contract.js';

const theChannel = 'insurer';

/** Policies: who is covered, by whom, when. */
export class Coverage extends ClaimsContract {
  constructor() {
    super('Coverage');
  }

  /** By the insurer's organisation. A claims channel is one insurer's: the first to register policies on it. */
  @Transaction()
  @Returns('string')
  async RegisterPolicies(ctx: ClaimsContext, argument: string): Promise<string> {
    const { policies } = ctx.argument(claims.registerPolicies, argument);
    const ids = policies.map(({ id }) => id);
    demandDistinct(ids, (index) => `policies.${index}.id`);
    await this.#claimChannel(ctx);
    const insurers = new Set(policies.map(({ insurer }) => insurer));
    await Promise.all([...insurers].map((insurer) => ctx.actFor(insurer, 'insurer')));
    const known = await Promise.all(ids.map((id) => ctx.coverages.get(id)));
    for (const one of known) demand(!one, 'COVERAGE_EXISTS', `coverage ${one?.id ?? ''} exists`);
    const registered = policies.map((policy) => ({
      ...policy,
      status: 'active' as const,
      insurerMspId: ctx.caller.mspId,
      registeredAt: ctx.now,
    }));
    await Promise.all(registered.map((coverage) => ctx.coverages.put(coverage, coverage.id)));
    ctx.emit('PolicyRegistered', registered);
    return ctx.answer(registered);
  }

  /** For everyone on the channel: to know a coverage's id is what entitles to ask. */
  @Transaction(false)
  @Returns('string')
  async CheckEligibility(ctx: ClaimsContext, argument: string): Promise<string> {
    const { coverage: id, servicedDate } = ctx.argument(claims.checkEligibility, argument);
    const inforce = isInForce(await ctx.existingCoverage(id), servicedDate);
    const disposition = `Coverage is ${inforce ? '' : 'not '}in force on ${servicedDate}.`;
    return ctx.answer({ coverage: id, inforce, disposition });
  }

  async #claimChannel(ctx: ClaimsContext): Promise<void> {
    const { mspId } = ctx.caller;
    const owner = await ctx.channelInsurers.get(theChannel);
    if (owner === undefined) return ctx.channelInsurers.put(mspId, theChannel);
    demand(owner === mspId, 'CALLER_FORBIDDEN', `policies on this channel are registered by ${owner}`);
  }
}
