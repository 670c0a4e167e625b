import { channelGraphId, checked, Forbidden, writtenOne } from '@medigraph/platform/graph';
import { claims, type primitives } from '@medigraph/schema';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { ClaimsContext } from './context.js';
import { claimOf, coverageOf } from './nodes.js';
import { claimants, insurers } from './policy.js';
import { type ClaimDocument } from './read-model.js';
import { newId, submittedClaim } from './submission.js';
import {
  AdjudicateClaimInput,
  CancelClaimInput,
  ClaimPayload,
  CoveragePayload,
  PayClaimInput,
  RegisterCoverageInput,
  SubmitClaimInput,
} from './types.js';

@Resolver()
export class ClaimMutations {
  @Mutation(() => CoveragePayload, { description: 'As an insurer: register a policy of a patient.' })
  async registerCoverage(
    @Ctx('request') context: ClaimsContext,
    @Arg('input', () => RegisterCoverageInput, { description: 'The policy.' })
    { identifier, beneficiary, period, currency, idempotencyKey }: RegisterCoverageInput,
  ): Promise<CoveragePayload> {
    const insurer = await context.requireInstitution(...insurers);
    const place = context.ownPlace;
    if (place === undefined) throw new Forbidden('Your organisation has no claims channel.');
    const id = identifier ?? newId(context, 'coverage', idempotencyKey);
    const policy = { id, beneficiary, insurer, period: period ?? always, currency };
    const { transaction, result } = await context.commit<claims.Coverage[]>(
      {
        contract: 'Coverage',
        transaction: 'RegisterPolicies',
        argument: checked(claims.registerPolicies, { policies: [policy] }),
      },
      { idempotencyKey, place },
    );
    const document = await writtenOne(
      context.book.coverages,
      channelGraphId(place.channel, result[0]?.id ?? id),
      transaction,
    );
    return Object.assign(new CoveragePayload(), { transaction, coverage: coverageOf(document) });
  }

  @Mutation(() => ClaimPayload, {
    description:
      'As a hospital: claim against a coverage. The numbers are on the insurer’s channel, the rest is sealed.',
  })
  async submitClaim(
    @Ctx('request') context: ClaimsContext,
    @Arg('input', () => SubmitClaimInput, { description: 'The claim.' })
    { coverage: coverageId, resource, idempotencyKey }: SubmitClaimInput,
  ): Promise<ClaimPayload> {
    const provider = await context.requireInstitution(...claimants);
    const coverage = await context.requireCoverage(coverageId);
    const claim = await submittedClaim(context, { resource, provider, coverage }, idempotencyKey);
    const place = context.placeOf(coverage.transaction.channel);
    const { transaction, result } = await context.commit<claims.Claim[]>(
      {
        contract: 'Claims',
        transaction: 'Submit',
        argument: checked(claims.submitClaims, { claims: [claim] }),
      },
      { idempotencyKey, place },
    );
    const document = await writtenOne(
      context.book.claims,
      channelGraphId(place.channel, result[0]?.id ?? claim.id),
      transaction,
    );
    return Object.assign(new ClaimPayload(), { transaction, claim: claimOf(document) });
  }

  @Mutation(() => ClaimPayload, {
    description:
      'As the insurer: adjudicate lines of a claim. The last one decides what becomes of the claim.',
  })
  async adjudicateClaim(
    @Ctx('request') context: ClaimsContext,
    @Arg('input', () => AdjudicateClaimInput, { description: 'Which, and what you decide.' })
    { claim: id, items, disposition, idempotencyKey }: AdjudicateClaimInput,
  ): Promise<ClaimPayload> {
    await context.requireInstitution(...insurers);
    const claim = await context.requireClaim(id);
    const argument = checked(claims.adjudicateClaim, { claim: claim.id, items, disposition });
    return changeClaim(context, claim, { transaction: 'Adjudicate', argument }, idempotencyKey);
  }

  @Mutation(() => ClaimPayload, { description: 'As the insurer: pay the benefit of a claim.' })
  async payClaim(
    @Ctx('request') context: ClaimsContext,
    @Arg('input', () => PayClaimInput, { description: 'Which, and how.' })
    { claim: id, date, identifier, idempotencyKey }: PayClaimInput,
  ): Promise<ClaimPayload> {
    await context.requireInstitution(...insurers);
    const claim = await context.requireClaim(id);
    const argument = checked(claims.payClaim, { claim: claim.id, payment: { date, identifier } });
    return changeClaim(context, claim, { transaction: 'Pay', argument }, idempotencyKey);
  }

  @Mutation(() => ClaimPayload, {
    description: 'As the provider: take a claim back, before anything of it is adjudicated.',
  })
  async cancelClaim(
    @Ctx('request') context: ClaimsContext,
    @Arg('input', () => CancelClaimInput, { description: 'Which, and why.' })
    { claim: id, reason, idempotencyKey }: CancelClaimInput,
  ): Promise<ClaimPayload> {
    await context.requireInstitution(...claimants);
    const claim = await context.requireClaim(id);
    const argument = checked(claims.cancelClaim, { claim: claim.id, reason });
    return changeClaim(context, claim, { transaction: 'Cancel', argument }, idempotencyKey);
  }
}

/** A policy that says no period. */
const always: primitives.DayPeriod = {};

async function changeClaim(
  context: ClaimsContext,
  claim: ClaimDocument,
  call: { readonly transaction: string; readonly argument: object },
  idempotencyKey: string | undefined,
): Promise<ClaimPayload> {
  const place = context.placeOf(claim.transaction.channel);
  const { transaction } = await context.commit({ contract: 'Claims', ...call }, { idempotencyKey, place });
  const document = await writtenOne(context.book.claims, claim._id, transaction);
  return Object.assign(new ClaimPayload(), { transaction, claim: claimOf(document) });
}
