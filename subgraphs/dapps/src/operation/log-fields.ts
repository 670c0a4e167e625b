import { type Connection, ConnectionArguments, emptyPage, pageOf } from '@medigraph/platform/graph';
import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { DAppsContext } from '../context.js';
import { seesOperation } from '../publishing-rights.js';
import { DApp } from '../types.js';
import { DAppLogEntry, DAppLogEntryConnection } from './log-types.js';

@Resolver(() => DApp)
export class LogFields {
  @FieldResolver(() => DAppLogEntryConnection, {
    description:
      'What happened to its contracts here, the oldest first: for those who publish or review it, and empty for everybody else. The newest 1,000 entries are kept, for 30 days.',
  })
  async log(
    @Root() { id }: DApp,
    @Ctx('request') context: DAppsContext,
    @Args(() => ConnectionArguments) page: ConnectionArguments,
  ): Promise<Connection<DAppLogEntry>> {
    if (!(await seesOperation(context, id))) return emptyPage(page);
    const order = { key: '_id', direction: 1 } as const;
    return pageOf(context.operation.log.entries, { dapp: id }, order, page, (entry) => {
      const { at, version, code, message, transactionId } = entry;
      return Object.assign(new DAppLogEntry(), { at, version, code, message, transactionId });
    });
  }
}
