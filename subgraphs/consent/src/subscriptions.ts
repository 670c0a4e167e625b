import { type LiveEvent, type GraphContext, liveEvents, livePayload } from '@medigraph/platform/graph';
import { Arg, Ctx, Resolver, Root, Subscription } from 'type-graphql';
import { ConsentContext } from './context.js';
import { consentOf } from './nodes.js';
import { consentEvents, consentIn, documentOf } from './read-model.js';
import { ConsentChanged } from './types.js';

@Resolver()
export class ConsentSubscriptions {
  @Subscription(() => ConsentChanged, {
    description:
      'Consents that you are a party to, as they are requested, granted, denied and revoked, and as someone breaks the glass.',
    subscribe: ({
      context: { request: context },
      args,
    }: {
      context: GraphContext<ConsentContext>;
      args: { readonly after?: string };
    }) =>
      liveEvents(context, {
        names: consentEvents,
        channels: context.book.channels,
        after: args.after,
        visible: async ({ item }) => (await context.loaders.consents.load(item.id)) !== undefined,
      }),
  })
  consentChanged(
    @Root() event: LiveEvent<(typeof consentEvents)[number]>,
    @Ctx('request') _context: ConsentContext,
    @Arg('after', () => String, {
      nullable: true,
      description: 'Cursor to resume after; absent: from now on.',
    })
    _after?: string,
  ): ConsentChanged {
    return Object.assign(new ConsentChanged(), livePayload(event), {
      consent: consentOf(documentOf(consentIn(event), event.transaction)),
    });
  }
}
