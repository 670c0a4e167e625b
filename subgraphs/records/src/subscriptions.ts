import {
  entryGraphId,
  type GraphContext,
  liveEvents,
  livePayload,
  type LiveEvent,
} from '@medigraph/platform/graph';
import { Arg, Ctx, ID, Resolver, Root, Subscription } from 'type-graphql';
import { RecordsContext } from './context.js';
import { entryOf } from './nodes.js';
import { documentOf, entryEvents } from './read-model.js';
import { EntryChanged } from './types.js';

interface Arguments {
  readonly patient?: string;
  readonly after?: string;
}

@Resolver()
export class RecordSubscriptions {
  @Subscription(() => EntryChanged, {
    description:
      'Entries that you may see, as they are proposed, authorised and retracted. Whether you may see one is asked when it is delivered.',
    subscribe: ({
      context: { request: context },
      args,
    }: {
      context: GraphContext<RecordsContext>;
      args: Arguments;
    }) =>
      liveEvents(context, {
        names: entryEvents,
        channels: context.index.channels,
        after: args.after,
        visible: async ({ item }) => {
          if (args.patient !== undefined && item.patient !== args.patient) return false;
          const id = entryGraphId(item.patient, item.id);
          return (await context.loaders.entries.load(id)) !== undefined;
        },
      }),
  })
  entryChanged(
    @Root() event: LiveEvent<(typeof entryEvents)[number]>,
    @Ctx('request') _context: RecordsContext,
    @Arg('patient', () => ID, { nullable: true, description: 'Only of this patient.' }) _patient?: string,
    @Arg('after', () => String, {
      nullable: true,
      description: 'Cursor to resume after; absent: from now on.',
    })
    _after?: string,
  ): EntryChanged {
    return Object.assign(new EntryChanged(), livePayload(event), {
      entry: entryOf(documentOf(event.item, event.transaction)),
    });
  }
}
