/** Access in an emergency: taken, listed, reviewed, and told to whom it concerns at once. */
import {
  checked,
  type Connection,
  ConnectionArguments,
  emptyPage,
  type GraphContext,
  liveEvents,
  type LiveEvent,
  livePayload,
  pageOf,
  SecondFactor,
  writtenOne,
} from '@medigraph/platform/graph';
import { type TransactionReference } from '@medigraph/platform/ledger';
import { care } from '@medigraph/schema';
import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  ID,
  Mutation,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import { consentId } from './consent-ids.js';
import { ConsentContext } from './context.js';
import {
  BreakGlassInput,
  EmergencyAccess,
  EmergencyAccessChanged,
  EmergencyAccessConnection,
  EmergencyAccessPayload,
  ReviewEmergencyAccessInput,
} from './emergency-types.js';
import { emergencyOf } from './nodes.js';
import { breakers, reviewers, visibleEmergencies } from './policy.js';
import { emergencyEvents, emergencyIn } from './read-model.js';

@ArgsType()
class EmergencyAccessesArguments extends ConnectionArguments {
  @Field(() => Boolean, {
    nullable: true,
    description: 'Only those that nobody has reviewed, or only those that someone has.',
  })
  reviewed?: boolean;
}

@Resolver(() => EmergencyAccess)
export class EmergencyResolvers {
  @Query(() => EmergencyAccess, {
    nullable: true,
    description: 'An emergency access by id; null if you may not see it.',
  })
  emergencyAccess(
    @Ctx('request') context: ConsentContext,
    @Arg('id', () => ID, { description: 'Id of the emergency access.' }) id: string,
  ): Promise<EmergencyAccess | undefined> {
    return emergencyAccessOf(context, id);
  }

  @Query(() => EmergencyAccessConnection, {
    description:
      'Emergency accesses to your records, by your institution, or (as a regulator) by anyone; newest first.',
  })
  async emergencyAccesses(
    @Ctx('request') context: ConsentContext,
    @Args(() => EmergencyAccessesArguments) page: EmergencyAccessesArguments,
  ): Promise<Connection<EmergencyAccess>> {
    const visible = visibleEmergencies(await context.principal('AuditEvent'));
    if (visible === undefined) return emptyPage(page);
    const reviewed = page.reviewed === undefined ? {} : { review: { $exists: page.reviewed } };
    const filter = { $and: [visible, reviewed] };
    const found = await pageOf(
      context.book.emergencies,
      filter,
      { key: 'grantedAt', direction: -1 },
      page,
      (document) => document,
    );
    const consents = await Promise.all(found.nodes.map(({ _id }) => context.loaders.consents.load(_id)));
    const edges = found.edges.map(({ cursor, node }, index) => ({
      cursor,
      node: emergencyOf(node, consents[index]),
    }));
    return { edges, nodes: edges.map(({ node }) => node), pageInfo: found.pageInfo };
  }

  @SecondFactor()
  @Mutation(() => EmergencyAccessPayload, {
    description:
      'As a hospital: take access in an emergency, as far as the patient lets a custodian disclose keys. They are disclosed within moments; read with the purpose that you state here. The patient is told at once, and someone else must review it.',
  })
  async breakGlass(
    @Ctx('request') context: ConsentContext,
    @Arg('input', () => BreakGlassInput, { description: 'Whose entries, and why.' })
    { patient, purpose, reason, minutes, idempotencyKey }: BreakGlassInput,
  ): Promise<EmergencyAccessPayload> {
    const institution = await context.requireInstitution(...breakers);
    const id = consentId(context, idempotencyKey);
    const { transaction, result } = await context.commit<care.BrokenGlass>(
      {
        contract: 'Emergency',
        transaction: 'BreakGlass',
        argument: checked(care.breakGlass, { id, patient, institution, purpose, reason, minutes }),
      },
      { idempotencyKey },
    );
    return payloadOf(context, result.id, transaction);
  }

  @Mutation(() => EmergencyAccessPayload, {
    description:
      'As a regulator, or for the hospital as someone else than who broke the glass: review it, once.',
  })
  async reviewEmergencyAccess(
    @Ctx('request') context: ConsentContext,
    @Arg('input', () => ReviewEmergencyAccessInput, { description: 'Which, and what you found.' })
    { emergencyAccess: emergency, outcome, comment, idempotencyKey }: ReviewEmergencyAccessInput,
  ): Promise<EmergencyAccessPayload> {
    const institution = await context.requireInstitution(...reviewers);
    const { transaction } = await context.commit(
      {
        contract: 'Emergency',
        transaction: 'Review',
        argument: checked(care.reviewBreakGlass, { emergency, institution, outcome, comment }),
      },
      { idempotencyKey },
    );
    return payloadOf(context, emergency, transaction);
  }

  @Subscription(() => EmergencyAccessChanged, {
    description:
      'Emergency accesses that you may see, as the glass is broken, as keys are disclosed, and as they are reviewed.',
    subscribe: ({
      context: { request: context },
      args,
    }: {
      context: GraphContext<ConsentContext>;
      args: { readonly after?: string };
    }) =>
      liveEvents(context, {
        names: emergencyEvents,
        channels: context.book.channels,
        after: args.after,
        visible: async (event) => (await context.loaders.emergencies.load(emergencyIn(event))) !== undefined,
      }),
  })
  async emergencyAccessChanged(
    @Root() event: LiveEvent<(typeof emergencyEvents)[number]>,
    @Ctx('request') context: ConsentContext,
    @Arg('after', () => String, {
      nullable: true,
      description: 'Cursor to resume after; absent: from now on.',
    })
    _after?: string,
  ): Promise<EmergencyAccessChanged> {
    return Object.assign(new EmergencyAccessChanged(), livePayload(event), {
      emergencyAccess: await emergencyAccessOf(context, emergencyIn(event)),
    });
  }
}

/** An emergency access that the caller may see. */
export async function emergencyAccessOf(
  { loaders }: ConsentContext,
  id: string,
): Promise<EmergencyAccess | undefined> {
  const [found, consent] = await Promise.all([loaders.emergencies.load(id), loaders.consents.load(id)]);
  return found && emergencyOf(found, consent);
}

async function payloadOf(
  context: ConsentContext,
  id: string,
  transaction: TransactionReference,
): Promise<EmergencyAccessPayload> {
  const [document, consent] = await Promise.all([
    writtenOne(context.book.emergencies, id, transaction),
    context.loaders.consents.load(id),
  ]);
  return Object.assign(new EmergencyAccessPayload(), {
    transaction,
    emergencyAccess: emergencyOf(document, consent),
  });
}
