import {
  entryGraphId,
  type GraphContext,
  type LiveEnding,
  liveEvents,
  livePayload,
  type LiveEvent,
} from '@medigraph/platform/graph';
import { Arg, Ctx, ID, Resolver, Root, Subscription } from 'type-graphql';
import { RecordsContext } from './context.js';
import { entryOf } from './nodes.js';
import { accessEndsAt, accessStands } from './policy.js';
import { documentOf, entryEvents } from './read-model.js';
import { EntryChanged } from './types.js';

/** Events after which a reader may have lost a patient, or have them for longer. */
const endings = ['ConsentRevoked', 'StorageAuthorized', 'ConsentGranted', 'GlassBroken'] as const;

/** A stream narrowed to one patient ends with the access to that patient. */
function endOfAccess(context: RecordsContext, patient: string): LiveEnding<(typeof endings)[number]> {
  return {
    names: endings,
    ended: async ({ item }) => {
      const { dapp, institution = dapp?.institution, patient: person = institution } = await context.viewer();
      const concerned = 'grantee' in item ? item.grantee : item.institution;
      if (item.patient !== patient || concerned !== person) return false;
      return !(await accessStands(context, patient, new Date().toISOString()));
    },
    endsAt: () => accessEndsAt(context, patient, new Date().toISOString()),
  };
}

interface Arguments {
  readonly patient?: string;
  readonly after?: string;
}

@Resolver()
export class RecordSubscriptions {
  @Subscription(() => EntryChanged, {
    description:
      'Entries that you may see, as they are proposed, authorised and retracted. Whether you may see one is asked when it is delivered. Narrowed to a patient, the subscription ends with ACCESS_ENDED when your access to them does, also as its time runs out.',
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
        ending: args.patient === undefined ? undefined : endOfAccess(context, args.patient),
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
