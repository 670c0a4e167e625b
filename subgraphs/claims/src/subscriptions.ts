import {
  channelGraphId,
  claimStateEnum,
  type LiveEvent,
  type GraphContext,
  liveEvents,
  livePayload,
} from '@medigraph/platform/graph';
import { type ClaimState } from '@medigraph/schema';
import { Arg, Ctx, Resolver, Root, Subscription } from 'type-graphql';
import { ClaimsContext } from './context.js';
import { claimOf } from './nodes.js';
import { claimEvents, documentOf } from './read-model.js';
import { ClaimChanged } from './types.js';

interface Arguments {
  readonly after?: string;
  readonly states?: readonly ClaimState[];
}

@Resolver()
export class ClaimSubscriptions {
  @Subscription(() => ClaimChanged, {
    description: 'Claims that you are a party to, as they are submitted, adjudicated, paid and cancelled.',
    subscribe: ({
      context: { request: context },
      args: { after, states },
    }: {
      context: GraphContext<ClaimsContext>;
      args: Arguments;
    }) =>
      liveEvents(context, {
        names: claimEvents,
        channels: context.channels,
        after,
        visible: async ({ item, transaction: { channel } }) => {
          if (states && !states.includes(item.state)) return false;
          return (await context.loaders.claims.load(channelGraphId(channel, item.id))) !== undefined;
        },
      }),
  })
  claimChanged(
    @Root() event: LiveEvent<(typeof claimEvents)[number]>,
    @Ctx('request') _context: ClaimsContext,
    @Arg('after', () => String, {
      nullable: true,
      description: 'Cursor to resume after; absent: from now on.',
    })
    _after?: string,
    @Arg('states', () => [claimStateEnum], {
      nullable: true,
      description: 'Only when they come to one of these.',
    })
    _states?: ClaimState[],
  ): ClaimChanged {
    return Object.assign(new ClaimChanged(), livePayload(event), {
      claim: claimOf(documentOf(event.item, event.transaction)),
    });
  }
}
