import {
  BadUserInput,
  type Connection,
  ConnectionArguments,
  emptyPage,
  pageOf,
  type PageOrder,
} from '@medigraph/platform/graph';
import { type DAppCategory } from '@medigraph/schema/dapps';
import { Arg, Args, ArgsType, Ctx, Field, ID, Query, Resolver } from 'type-graphql';
import { DAppsContext } from './context.js';
import { dappCategoryEnum, dappOrderEnum } from './enumerations.js';
import { dappOf, installationOf, publisherOf, releaseOf } from './nodes.js';
import { visibleInstallations } from './policy.js';
import { releaseId } from './read-model.js';
import {
  DApp,
  DAppCategoryCount,
  DAppConnection,
  DAppInstallation,
  DAppInstallationConnection,
  DAppRelease,
  DAppReleaseConnection,
  Publisher,
} from './types.js';

const longestSearch = 100;

@ArgsType()
class DAppsArguments extends ConnectionArguments {
  @Field(() => String, {
    nullable: true,
    description: 'Only those whose name, summary, publisher or keywords have all of these words.',
  })
  search?: string;

  @Field(() => dappCategoryEnum, { nullable: true, description: 'Only those filed under it.' })
  category?: DAppCategory;

  @Field(() => ID, { nullable: true, description: 'Only those of this publisher.' })
  publisher?: string;

  @Field(() => dappOrderEnum, { nullable: true, description: 'Which come first; absent: by NAME.' })
  orderBy?: keyof typeof orders;
}

/** What lists are ordered by. */
const orders = {
  name: { key: 'name', direction: 1 },
  recent: { key: 'publishedAt', direction: -1 },
  installations: { key: 'installationRank', direction: -1 },
  rating: { key: 'ratingRank', direction: -1 },
} as const satisfies Record<(typeof dappOrderEnum)[string], PageOrder>;

@Resolver()
export class DAppQueries {
  @Query(() => DAppConnection, { description: 'DApps that run and can be installed.' })
  dapps(
    @Ctx('request') { book }: DAppsContext,
    @Args(() => DAppsArguments) page: DAppsArguments,
  ): Promise<Connection<DApp>> {
    const conditions = [...installable()];
    if (page.category !== undefined) conditions.push({ categories: page.category });
    if (page.publisher !== undefined) conditions.push({ publisher: page.publisher });
    for (const word of wordsOf(page.search)) conditions.push({ searched: { $regex: word } });
    return pageOf(book.dapps, { $and: conditions }, orders[page.orderBy ?? 'name'], page, dappOf);
  }

  @Query(() => [DAppCategoryCount], {
    description: 'Categories under which there is a DApp that runs and can be installed, by name.',
  })
  async dAppCategories(@Ctx('request') { book }: DAppsContext): Promise<DAppCategoryCount[]> {
    const counted = await book.dapps.aggregate<{ _id: DAppCategory; dapps: number }>([
      { $match: { $and: installable() } },
      { $unwind: '$categories' },
      { $group: { _id: '$categories', dapps: { $sum: 1 } } },
      { $sort: { _id: 1 } },
    ]);
    return counted.map(({ _id: category, dapps }) =>
      Object.assign(new DAppCategoryCount(), { category, dapps }),
    );
  }

  @Query(() => DApp, {
    nullable: true,
    description: 'A DApp by id; null if no version of it ran, and it is not yours.',
  })
  async dApp(
    @Ctx('request') { loaders }: DAppsContext,
    @Arg('id', () => ID, { description: 'Id of the DApp.' }) id: string,
  ): Promise<DApp | undefined> {
    const found = await loaders.dapps.load(id);
    return found && dappOf(found);
  }

  @Query(() => DAppRelease, {
    nullable: true,
    description: 'A version of a DApp; null if it has not run, and you neither publish nor review it.',
  })
  async dAppRelease(
    @Ctx('request') { loaders }: DAppsContext,
    @Arg('dapp', () => ID, { description: 'Id of the DApp.' }) dapp: string,
    @Arg('version', () => String, { description: 'The version.' }) version: string,
  ): Promise<DAppRelease | undefined> {
    const found = await loaders.releases.load(releaseId(dapp, version));
    return found && releaseOf(found);
  }

  @Query(() => Publisher, { nullable: true, description: 'A publisher by id.' })
  async publisher(
    @Ctx('request') { loaders }: DAppsContext,
    @Arg('id', () => ID, { description: 'Id of the publisher.' }) id: string,
  ): Promise<Publisher | undefined> {
    const found = await loaders.publishers.load(id);
    return found && publisherOf(found);
  }

  @Query(() => DAppInstallationConnection, {
    description:
      'What you, your institution, or as an operator the institutions of your organisation have installed, newest first; to the back end of a DApp, who has it.',
  })
  async myInstallations(
    @Ctx('request') context: DAppsContext,
    @Args(() => ConnectionArguments) page: ConnectionArguments,
  ): Promise<Connection<DAppInstallation>> {
    const filter = await visibleInstallations(context);
    if (filter === undefined) return emptyPage(page);
    return pageOf(context.book.installations, filter, { key: 'since', direction: -1 }, page, installationOf);
  }

  @Query(() => DAppReleaseConnection, {
    description: 'Versions that wait for the word of your organisation, oldest first.',
  })
  async dAppReviews(
    @Ctx('request') context: DAppsContext,
    @Args(() => ConnectionArguments) page: ConnectionArguments,
  ): Promise<Connection<DAppRelease>> {
    if (!(await context.onlooker()).reviews) return emptyPage(page);
    const filter = {
      status: { $in: ['submitted', 'checked', 'approved'] as const },
      'votes.mspId': { $ne: context.caller.mspId },
    };
    return pageOf(context.book.releases, filter, { key: 'publishedAt', direction: 1 }, page, releaseOf);
  }
}

/** What a DApp must be like for anybody to install it now. */
function installable(): object[] {
  const ended = { 'deprecation.endsAt': { $lte: new Date().toISOString() } };
  return [{ status: { $in: ['active', 'deprecated'] } }, { $nor: [ended] }];
}

/** The words of a search, each as a pattern that means itself. @throws `BAD_USER_INPUT` */
function wordsOf(search = ''): string[] {
  if (search.length > longestSearch)
    throw new BadUserInput(`search has at most ${longestSearch} characters.`);
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return words.map((word) => word.replace(/[^\p{L}\p{N}]/gu, '\\$&'));
}
