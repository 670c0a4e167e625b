import { type Connection, emptyPage, pageOf } from '@medigraph/platform/graph';
import { countedUsage, toldUsage, type UsageDocument } from '@medigraph/platform/operation';
import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { DAppsContext } from '../context.js';
import { seesOperation } from '../publishing-rights.js';
import { DApp } from '../types.js';
import { DAppErrorCount, DAppUsage, DAppUsageConnection, UsageArguments } from './usage-types.js';

@Resolver(() => DApp)
export class UsageFields {
  @FieldResolver(() => DAppUsageConnection, {
    description:
      'How it was called, by day, version and operation, the latest first: for those who publish or review it, and empty for everybody else.',
  })
  async usage(
    @Root() { id }: DApp,
    @Ctx('request') context: DAppsContext,
    @Args(() => UsageArguments) page: UsageArguments,
  ): Promise<Connection<DAppUsage>> {
    if (!(await seesOperation(context, id))) return emptyPage(page);
    const { from, until } = page;
    const day = { ...(from !== undefined && { $gte: from }), ...(until !== undefined && { $lte: until }) };
    const filter = { dapp: id, ...(Object.keys(day).length > 0 && { day }) };
    return pageOf(context.operation.usage.rows, filter, { key: 'day', direction: -1 }, page, usageOf);
  }
}

function usageOf(document: UsageDocument): DAppUsage {
  const { day, version, operation } = document;
  const { errors = [], ...told } = toldUsage(countedUsage(document)) ?? {};
  return Object.assign(new DAppUsage(), {
    ...{ day, version, operation },
    ...told,
    errors: errors.map((error) => Object.assign(new DAppErrorCount(), error)),
  });
}
