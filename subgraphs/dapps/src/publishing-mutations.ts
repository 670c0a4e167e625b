import { checked, SecondFactor, writtenOne } from '@medigraph/platform/graph';
import { type Committed } from '@medigraph/platform/ledger';
import { PackageMissingError } from '@medigraph/platform/packages';
import { registry } from '@medigraph/schema';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { DAppsContext } from './context.js';
import {
  AddPublisherKeyInput,
  DAppVersionInput,
  DeprecateDAppInput,
  PublishDAppInput,
  RegisterPublisherInput,
  RevokePublisherKeyInput,
} from './inputs.js';
import { publisherOf } from './nodes.js';
import { dappPayload, releasePayload } from './payloads.js';
import { publishing } from './policy.js';
import { requireMember, requirePublisher, requirePublisherOf } from './publishing-rights.js';
import { DAppPayload, DAppReleasePayload, PublisherPayload } from './types.js';

@Resolver()
export class PublishingMutations {
  @SecondFactor()
  @Mutation(() => PublisherPayload, {
    description: 'As a member of an institution, or an operator: publish DApps in the institution’s place.',
  })
  async registerPublisher(
    @Ctx('request') context: DAppsContext,
    @Arg('input', () => RegisterPublisherInput, { description: 'Who, and with which key.' })
    { idempotencyKey, ...input }: RegisterPublisherInput,
  ): Promise<PublisherPayload> {
    await requireMember(context, input.institution);
    const argument = checked(registry.registerPublisher, input);
    return publisherPayload(
      context,
      argument.id,
      await context.commitToRegistry('RegisterPublisher', argument, idempotencyKey),
    );
  }

  @SecondFactor()
  @Mutation(() => PublisherPayload, { description: 'As the publisher: sign with another key, too.' })
  async addPublisherKey(
    @Ctx('request') context: DAppsContext,
    @Arg('input', () => AddPublisherKeyInput, { description: 'Which.' })
    { idempotencyKey, ...input }: AddPublisherKeyInput,
  ): Promise<PublisherPayload> {
    const argument = checked(registry.addPublisherKey, input);
    await requirePublisher(context, argument.publisher);
    return publisherPayload(
      context,
      argument.publisher,
      await context.commitToRegistry('AddPublisherKey', argument, idempotencyKey),
    );
  }

  @Mutation(() => PublisherPayload, {
    description: 'As the publisher: a key signs nothing that is published later.',
  })
  async revokePublisherKey(
    @Ctx('request') context: DAppsContext,
    @Arg('input', () => RevokePublisherKeyInput, { description: 'Which.' })
    { idempotencyKey, ...input }: RevokePublisherKeyInput,
  ): Promise<PublisherPayload> {
    const argument = checked(registry.revokePublisherKey, input);
    await requirePublisher(context, argument.publisher);
    return publisherPayload(
      context,
      argument.publisher,
      await context.commitToRegistry('RevokePublisherKey', argument, idempotencyKey),
    );
  }

  @SecondFactor()
  @Mutation(() => DAppReleasePayload, {
    description:
      'As the publisher: a version, for organisations to check and approve. Send its package first.',
  })
  async publishDApp(
    @Ctx('request') context: DAppsContext,
    @Arg('input', () => PublishDAppInput, { description: 'What.' })
    { manifest, sha256, size, signature, idempotencyKey }: PublishDAppInput,
  ): Promise<DAppReleasePayload> {
    context.requireRole(...publishing);
    const argument = checked(registry.publishDApp, { manifest, package: { sha256, size }, signature });
    await requirePublisher(context, argument.manifest.publisher);
    if ((await context.packages.want(sha256))?.size !== size) throw new PackageMissingError(sha256, size);
    return releasePayload(context, await context.commitToRegistry('Publish', argument, idempotencyKey));
  }

  @Mutation(() => DAppReleasePayload, {
    description: 'As the publisher: an earlier version, approved before, shall run again.',
  })
  async rollBackDApp(
    @Ctx('request') context: DAppsContext,
    @Arg('input', () => DAppVersionInput, { description: 'Which.' })
    { idempotencyKey, ...input }: DAppVersionInput,
  ): Promise<DAppReleasePayload> {
    const argument = checked(registry.rollBackDApp, input);
    await requirePublisherOf(context, argument.dapp);
    return releasePayload(context, await context.commitToRegistry('RollBack', argument, idempotencyKey));
  }

  @Mutation(() => DAppPayload, { description: 'As the publisher: give notice that a DApp will end.' })
  async deprecateDApp(
    @Ctx('request') context: DAppsContext,
    @Arg('input', () => DeprecateDAppInput, { description: 'Which, why and when.' })
    { idempotencyKey, ...input }: DeprecateDAppInput,
  ): Promise<DAppPayload> {
    const argument = checked(registry.deprecateDApp, input);
    await requirePublisherOf(context, argument.dapp);
    return dappPayload(context, await context.commitToRegistry('Deprecate', argument, idempotencyKey));
  }
}

async function publisherPayload(
  { book }: DAppsContext,
  id: string,
  { transaction }: Committed<unknown>,
): Promise<PublisherPayload> {
  const document = await writtenOne(book.publishers, id, transaction);
  return Object.assign(new PublisherPayload(), { transaction, publisher: publisherOf(document) });
}
