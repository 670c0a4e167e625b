import { checked, SecondFactor } from '@medigraph/platform/graph';
import { registry } from '@medigraph/schema';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { DAppsContext } from './context.js';
import { DAppVersionInput, RefuseDAppInput, RevokeDAppInput } from './inputs.js';
import { dappPayload, releasePayload } from './payloads.js';
import { reviewers } from './policy.js';
import { DAppPayload, DAppReleasePayload } from './types.js';

@Resolver()
export class ReviewMutations {
  @SecondFactor()
  @Mutation(() => DAppReleasePayload, {
    description: 'As an operator or regulator: your organisation wants a version. Its nodes take it up.',
  })
  async approveDApp(
    @Ctx('request') context: DAppsContext,
    @Arg('input', () => DAppVersionInput, { description: 'Which.' })
    { idempotencyKey, ...input }: DAppVersionInput,
  ): Promise<DAppReleasePayload> {
    context.requireRole(...reviewers);
    const argument = checked(registry.approveDApp, input);
    return releasePayload(context, await context.commitToRegistry('Approve', argument, idempotencyKey));
  }

  @Mutation(() => DAppReleasePayload, {
    description: 'As an operator or regulator: your organisation does not want a version.',
  })
  async refuseDApp(
    @Ctx('request') context: DAppsContext,
    @Arg('input', () => RefuseDAppInput, { description: 'Which, and why.' })
    { idempotencyKey, ...input }: RefuseDAppInput,
  ): Promise<DAppReleasePayload> {
    context.requireRole(...reviewers);
    const argument = checked(registry.refuseDApp, input);
    return releasePayload(context, await context.commitToRegistry('Refuse', argument, idempotencyKey));
  }

  @SecondFactor()
  @Mutation(() => DAppPayload, {
    description:
      'As an operator or regulator: stop a DApp for everybody. A regulator’s word does it; organisations’ once enough have said so.',
  })
  async revokeDApp(
    @Ctx('request') context: DAppsContext,
    @Arg('input', () => RevokeDAppInput, { description: 'Which, and why.' })
    { idempotencyKey, ...input }: RevokeDAppInput,
  ): Promise<DAppPayload> {
    context.requireRole(...reviewers);
    const regulator =
      context.caller.role === 'regulator' ? await context.requireInstitution('regulator') : undefined;
    const argument = checked(registry.revokeDApp, { ...input, regulator });
    return dappPayload(context, await context.commitToRegistry('Revoke', argument, idempotencyKey));
  }
}
