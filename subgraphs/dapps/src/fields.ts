/** What hangs on DApps, their versions and installations. */
import { type Connection, ConnectionArguments, pageOf } from '@medigraph/platform/graph';
import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { DAppsContext } from './context.js';
import { dappOf, publisherOf, ratingOf, releaseOf } from './nodes.js';
import { visibleReleases } from './policy.js';
import { releaseId } from './read-model.js';
import {
  DApp,
  DAppInstallation,
  DAppRating,
  DAppRatingConnection,
  DAppRelease,
  DAppReleaseConnection,
  DAppStatistics,
  Publisher,
} from './types.js';

@Resolver(() => DApp)
export class DAppFields {
  @FieldResolver(() => Publisher, { nullable: true, description: 'Who publishes it.' })
  async publisher(
    @Root() { publisherId }: DApp,
    @Ctx('request') { loaders }: DAppsContext,
  ): Promise<Publisher | undefined> {
    const found = await loaders.publishers.load(publisherId);
    return found && publisherOf(found);
  }

  @FieldResolver(() => DAppRelease, { nullable: true, description: 'The version that runs.' })
  async active(
    @Root() { id, activeVersion }: DApp,
    @Ctx('request') { loaders }: DAppsContext,
  ): Promise<DAppRelease | undefined> {
    if (activeVersion === undefined) return undefined;
    const found = await loaders.releases.load(releaseId(id, activeVersion));
    return found && releaseOf(found);
  }

  @FieldResolver(() => DAppReleaseConnection, {
    description: 'Versions that ran, newest first; all to those who publish or review it.',
  })
  async releases(
    @Root() { id }: DApp,
    @Ctx('request') context: DAppsContext,
    @Args(() => ConnectionArguments) page: ConnectionArguments,
  ): Promise<Connection<DAppRelease>> {
    const filter = { $and: [{ dapp: id }, visibleReleases(await context.onlooker())] };
    return pageOf(context.book.releases, filter, { key: 'publishedAt', direction: -1 }, page, releaseOf);
  }

  @FieldResolver(() => DAppRatingConnection, {
    description: 'What people who have it say of it, newest first.',
  })
  ratings(
    @Root() { id }: DApp,
    @Ctx('request') { book }: DAppsContext,
    @Args(() => ConnectionArguments) page: ConnectionArguments,
  ): Promise<Connection<DAppRating>> {
    return pageOf(book.ratings, { dapp: id }, { key: 'at', direction: -1 }, page, ratingOf);
  }

  @FieldResolver(() => DAppStatistics, { description: 'How it is taken up.' })
  async statistics(
    @Root() { id, activeVersion }: DApp,
    @Ctx('request') { loaders }: DAppsContext,
  ): Promise<DAppStatistics> {
    const counted = await loaders.statistics.load(id);
    // Nobody has what runs no more.
    const installations = activeVersion === undefined ? 0 : counted.installations;
    return Object.assign(new DAppStatistics(), counted, { installations });
  }
}

@Resolver(() => DAppRelease)
export class DAppReleaseFields {
  @FieldResolver(() => DApp, { nullable: true, description: 'The DApp that it is a version of.' })
  dApp(@Root() { dappId }: DAppRelease, @Ctx('request') context: DAppsContext): Promise<DApp | undefined> {
    return dappById(context, dappId);
  }
}

@Resolver(() => DAppInstallation)
export class DAppInstallationFields {
  @FieldResolver(() => DApp, { nullable: true, description: 'The DApp that is installed.' })
  dApp(
    @Root() { dappId }: DAppInstallation,
    @Ctx('request') context: DAppsContext,
  ): Promise<DApp | undefined> {
    return dappById(context, dappId);
  }

  @FieldResolver(() => Boolean, { description: 'Whether it can be used: it stands, and the DApp runs.' })
  async usable(
    @Root() { dappId, status }: DAppInstallation,
    @Ctx('request') { loaders }: DAppsContext,
  ): Promise<boolean> {
    return status === 'active' && (await loaders.dapps.load(dappId))?.active !== undefined;
  }
}

async function dappById({ loaders }: DAppsContext, id: string): Promise<DApp | undefined> {
  const found = await loaders.dapps.load(id);
  return found && dappOf(found);
}
