/** By what rules organisations review DApps, and how they agree on others. */
import {
  checked,
  EventPayload,
  type GraphContext,
  type LiveEvent,
  liveEvents,
  livePayload,
  MutationInput,
  MutationPayload,
  SecondFactor,
} from '@medigraph/platform/graph';
import { registry } from '@medigraph/schema';
import { dateTimeScalar } from '@medigraph/schema/scalars';
import {
  Arg,
  Ctx,
  Field,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import { DAppsContext } from './context.js';
import { reviewers } from './policy.js';

@ObjectType('DAppReviewRules', { description: 'Rules by which organisations review DApps.' })
export class DAppReviewRules {
  @Field(() => [String], { description: 'MSP ids of the organisations that review.' })
  organizations!: string[];

  @Field(() => Int, { description: 'How many of them approve a version, or stop a DApp.' })
  approvals!: number;

  @Field(() => Boolean, {
    description: 'Whether a new major version may break operations that clients really send.',
  })
  majorsMayBreak!: boolean;
}

@ObjectType('DAppReviewProposal', {
  description: 'Rules that an organisation wants in place of those in force.',
})
export class DAppReviewProposal {
  @Field(() => String, { description: 'MSP id of the organisation.' })
  organization!: string;

  @Field(() => DAppReviewRules, { description: 'What it wants.' })
  rules!: DAppReviewRules;

  @Field(() => dateTimeScalar, { description: 'Since when.' })
  at!: string;
}

@ObjectType('DAppReviewPolicy', { description: 'How the consortium reviews DApps. It is no secret.' })
export class DAppReviewPolicy {
  @Field(() => DAppReviewRules, {
    description:
      'Rules in force; until organisations agree on some, the majority of those that registered anybody.',
  })
  rules!: DAppReviewRules;

  @Field(() => [DAppReviewProposal], { description: 'What organisations want instead, each its last word.' })
  proposals!: DAppReviewProposal[];
}

@InputType({ description: 'Rules that your organisation wants in place of those in force.' })
export class ProposeDAppReviewPolicyInput extends MutationInput {
  @Field(() => [String], { description: 'MSP ids of the organisations that are to review.' })
  organizations!: string[];

  @Field(() => Int, { description: 'How many of them are to approve a version, or stop a DApp.' })
  approvals!: number;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether a new major version is to be allowed to break operations that clients really send.',
  })
  majorsMayBreak!: boolean;
}

@ObjectType({ description: 'An organisation has said which rules it wants.' })
export class DAppReviewPolicyPayload extends MutationPayload {
  @Field(() => DAppReviewPolicy, { description: 'The policy after that.' })
  policy!: DAppReviewPolicy;
}

@ObjectType({ description: 'An organisation wants other rules, or others hold.' })
export class DAppReviewPolicyChanged extends EventPayload {
  @Field(() => DAppReviewPolicy, { description: 'The policy after that.' })
  policy!: DAppReviewPolicy;
}

const policyEvents = ['DAppReviewPolicyProposed', 'DAppReviewPolicyChanged'] as const;

const rulesOf = ({ majorsMayBreak = false, ...rules }: registry.ApprovalPolicy): DAppReviewRules =>
  Object.assign(new DAppReviewRules(), rules, { majorsMayBreak });

function policyOf({ policy, proposals }: registry.ApprovalPolicyState): DAppReviewPolicy {
  return Object.assign(new DAppReviewPolicy(), {
    rules: rulesOf(policy),
    proposals: proposals.map(({ mspId, policy: wanted, at }) =>
      Object.assign(new DAppReviewProposal(), { organization: mspId, rules: rulesOf(wanted), at }),
    ),
  });
}

@Resolver()
export class ReviewPolicyResolvers {
  @Query(() => DAppReviewPolicy, { description: 'How DApps are reviewed.' })
  async dAppReviewPolicy(@Ctx('request') context: DAppsContext): Promise<DAppReviewPolicy> {
    return policyOf(await context.askRegistry<registry.ApprovalPolicyState>('ReadPolicy', {}));
  }

  @Subscription(() => DAppReviewPolicyChanged, {
    description: 'What organisations want of reviews, and when other rules hold.',
    subscribe: ({
      context: { request: context },
      args: { after },
    }: {
      context: GraphContext<DAppsContext>;
      args: { readonly after?: string };
    }) =>
      liveEvents(context, {
        names: policyEvents,
        channels: context.book.channels,
        after,
        visible: () => Promise.resolve(true),
      }),
  })
  dAppReviewPolicyChanged(
    @Root() event: LiveEvent<(typeof policyEvents)[number]>,
    @Arg('after', () => String, {
      nullable: true,
      description: 'Cursor to resume after; absent: from now on.',
    })
    _after?: string,
  ): DAppReviewPolicyChanged {
    return Object.assign(new DAppReviewPolicyChanged(), livePayload(event), { policy: policyOf(event.item) });
  }

  @SecondFactor()
  @Mutation(() => DAppReviewPolicyPayload, {
    description:
      'As an operator or regulator: which rules your organisation wants. They hold once as many organisations want the same as those in force ask for.',
  })
  async proposeDAppReviewPolicy(
    @Ctx('request') context: DAppsContext,
    @Arg('input', () => ProposeDAppReviewPolicyInput, { description: 'All of them, changed or not.' })
    { idempotencyKey, ...input }: ProposeDAppReviewPolicyInput,
  ): Promise<DAppReviewPolicyPayload> {
    context.requireRole(...reviewers);
    const argument = checked(registry.proposePolicy, input);
    const { transaction, result } = await context.commitToRegistry<registry.ApprovalPolicyState>(
      'ProposePolicy',
      argument,
      idempotencyKey,
    );
    return Object.assign(new DAppReviewPolicyPayload(), { transaction, policy: policyOf(result) });
  }
}
