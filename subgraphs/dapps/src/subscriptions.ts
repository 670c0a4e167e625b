import {
  type GraphContext,
  type KnownEvent,
  type LiveEvent,
  liveEvents,
  livePayload,
} from '@medigraph/platform/graph';
import { Arg, Ctx, ID, Resolver, Root, Subscription } from 'type-graphql';
import { DAppsContext } from './context.js';
import { dappOf, installationOf, releaseOf } from './nodes.js';
import { dappEvents, holdingId, installationEvents, releaseEvents, releaseId } from './read-model.js';
import { DAppChanged, type DAppChangeKind } from './types.js';

const changes = {
  DAppPublished: 'published',
  DAppChecked: 'checked',
  DAppApproved: 'approved',
  DAppRefused: 'refused',
  DAppActivated: 'activated',
  DAppRollbackRequested: 'rollback-requested',
  DAppDeprecated: 'deprecated',
  DAppRevocationProposed: 'revocation-proposed',
  DAppRevoked: 'revoked',
  DAppInstalled: 'installed',
  DAppUninstalled: 'uninstalled',
  DAppRated: 'rated',
} as const satisfies Record<string, DAppChangeKind>;
type Change = keyof typeof changes;
const names = [...releaseEvents, ...dappEvents, ...installationEvents, 'DAppRated'] as const;

/** What an event is about. */
interface Subject {
  readonly dapp: string;
  readonly version?: string;
  readonly holder?: string;
}

function subjectOf(event: KnownEvent<Change>): Subject {
  switch (event.type) {
    case 'DAppDeprecated':
    case 'DAppRevocationProposed':
    case 'DAppRevoked':
      return { dapp: event.item.id };
    case 'DAppRated':
      return { dapp: event.item.dapp };
    case 'DAppInstalled':
    case 'DAppUninstalled':
      return { dapp: event.item.dapp, holder: event.item.holder };
    default:
      return { dapp: event.item.dapp, version: event.item.version };
  }
}

/** Whether someone may know of an event now: as they may see what it is about. */
async function visible(context: DAppsContext, event: KnownEvent<Change>): Promise<boolean> {
  const { loaders } = context;
  const { dapp, version, holder } = subjectOf(event);
  if (holder !== undefined) return (await loaders.installations.load(holdingId(dapp, holder))) !== undefined;
  // Organisations' words before there are enough of them are told those who give them.
  if (event.type === 'DAppRevocationProposed' && !(await context.onlooker()).reviews) return false;
  if (version === undefined) return (await loaders.dapps.load(dapp)) !== undefined;
  return (await loaders.releases.load(releaseId(dapp, version))) !== undefined;
}

@Resolver()
export class DAppSubscriptions {
  @Subscription(() => DAppChanged, {
    description:
      'What becomes of DApps: of versions that run, and what is said of them, for everybody; of other versions, for those who publish or review them; of your own installations.',
    subscribe: ({
      context: { request: context },
      args,
    }: {
      context: GraphContext<DAppsContext>;
      args: { readonly dapp?: string; readonly after?: string };
    }) =>
      liveEvents(context, {
        names,
        channels: context.book.channels,
        after: args.after,
        visible: async (event) =>
          (args.dapp === undefined || subjectOf(event).dapp === args.dapp) && (await visible(context, event)),
      }),
  })
  async dappChanged(
    @Root() event: LiveEvent<Change>,
    @Ctx('request') { loaders }: DAppsContext,
    @Arg('dapp', () => ID, { nullable: true, description: 'Only of this DApp.' }) _dapp?: string,
    @Arg('after', () => String, {
      nullable: true,
      description: 'Cursor to resume after; absent: from now on.',
    })
    _after?: string,
  ): Promise<DAppChanged> {
    const { dapp: id, version, holder } = subjectOf(event);
    const dapp = await loaders.dapps.load(id);
    const release = version === undefined ? undefined : await loaders.releases.load(releaseId(id, version));
    const installation =
      holder === undefined ? undefined : await loaders.installations.load(holdingId(id, holder));
    return Object.assign(new DAppChanged(), livePayload(event), {
      change: changes[event.type],
      dApp: dapp && dappOf(dapp),
      release: release && releaseOf(release),
      installation: installation && installationOf(installation),
    });
  }
}
