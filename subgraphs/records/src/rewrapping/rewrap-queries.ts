import {
  EventPayload,
  type GraphContext,
  type LiveEvent,
  liveEvents,
  livePayload,
  placesOf,
} from '@medigraph/platform/graph';
import { dateTimeScalar } from '@medigraph/schema/scalars';
import { Arg, Ctx, Field, Int, ObjectType, Query, Resolver, Root, Subscription } from 'type-graphql';
import { RecordsContext } from '../context.js';

@ObjectType({
  description:
    'How far the keys of entries, yours and those granted you, of claims, and your shares as a guardian are wrapped for your newest encryption key.',
})
export class RewrapProgress {
  @Field(() => Int, { description: 'Keys that there are, as far as is known.' })
  total!: number;

  @Field(() => Int, { description: 'Keys that are wrapped for the newest encryption key.' })
  rewrapped!: number;

  @Field(() => Int, { description: 'Keys that none of your encryption keys opens; they stay as they are.' })
  unreadable!: number;

  @Field(() => dateTimeScalar, { description: 'When it began.' })
  startedAt!: string;

  @Field(() => dateTimeScalar, { nullable: true, description: 'When it ended; null while it goes on.' })
  endedAt?: string;

  @Field(() => Boolean, {
    description:
      'Whether the private keys that yours followed have been destroyed, which is an hour later; not if something is wrapped for you that none of them opens.',
  })
  formerKeysDiscarded!: boolean;
}

@ObjectType({ description: 'Some of your keys have been wrapped for your newest encryption key.' })
export class KeysRewrapped extends EventPayload {
  @Field(() => Int, { description: 'How many.' })
  keys!: number;

  @Field(() => Int, { nullable: true, description: 'How many are left, if that was said.' })
  left?: number;
}

const rewrapEvents = ['KeysRewrapped'] as const;

/** Where keys are: those of entries, and of claims. */
const keyChannels = ({ index, services: { network } }: RecordsContext): string[] => [
  ...index.channels,
  ...placesOf(network, 'claims').map(({ channel }) => channel),
];

@Resolver()
export class RewrapQueries {
  @Query(() => RewrapProgress, {
    nullable: true,
    description:
      'As a patient, or as an institution, whose keys are kept by the platform: how far they have followed your last rotation; null if nothing has begun.',
  })
  async rewrapProgress(@Ctx('request') context: RecordsContext): Promise<RewrapProgress | undefined> {
    const told = await context.rewrapProgress(await context.keyOwner());
    if (told === undefined) return undefined;
    const { total, rewrapped, unreadable, startedAt, endedAt, discarded: formerKeysDiscarded = false } = told;
    const shown = { total, rewrapped, unreadable, startedAt, endedAt, formerKeysDiscarded };
    return Object.assign(new RewrapProgress(), shown);
  }

  @Subscription(() => KeysRewrapped, {
    name: 'rewrapProgress',
    description: 'Your keys, as they are wrapped for your newest encryption key.',
    subscribe: async ({
      context: { request: context },
      args,
    }: {
      context: GraphContext<RecordsContext>;
      args: { readonly after?: string };
    }) => {
      const owner = await context.keyOwner();
      return liveEvents(context, {
        names: rewrapEvents,
        channels: keyChannels(context),
        after: args.after,
        visible: ({ item }) => Promise.resolve(item.owner === owner),
      });
    },
  })
  keysRewrapped(
    @Root() event: LiveEvent<(typeof rewrapEvents)[number]>,
    @Ctx('request') _context: RecordsContext,
    @Arg('after', () => String, {
      nullable: true,
      description: 'Cursor to resume after; absent: from now on.',
    })
    _after?: string,
  ): KeysRewrapped {
    const { keys, left } = event.item;
    return Object.assign(new KeysRewrapped(), livePayload(event), { keys, left });
  }
}
