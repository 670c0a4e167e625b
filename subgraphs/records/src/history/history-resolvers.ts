/** Imports that patients asked for: listed, and told to both parties as they change. */
import {
  type Connection,
  ConnectionArguments,
  emptyPage,
  entryGraphId,
  type GraphContext,
  type LiveEvent,
  liveEvents,
  livePayload,
  pageOf,
} from '@medigraph/platform/graph';
import { type care } from '@medigraph/schema';
import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import { RecordsContext } from '../context.js';
import { entryOf, institutionNode, patientNode } from '../nodes.js';
import { Entry, Patient } from '../types.js';
import { Import, ImportChanged, ImportConnection, importStatusEnum } from './history-types.js';
import { type ImportDocument, importDocument, importEvents, visibleImports } from './import-book.js';

@ArgsType()
class ImportsArguments extends ConnectionArguments {
  @Field(() => importStatusEnum, { nullable: true, description: 'Only in this status.' })
  status?: care.HistoryImport['status'];
}

@Resolver(() => Import)
export class ImportQueries {
  @Query(() => Import, {
    nullable: true,
    description: 'An import by id; null if you are none of its parties.',
  })
  async import(
    @Ctx('request') context: RecordsContext,
    @Arg('id', () => ID, { description: 'Id of the import.' }) id: string,
  ): Promise<Import | undefined> {
    const found = await context.loaders.imports.load(id);
    return found && importOf(found);
  }

  @Query(() => ImportConnection, {
    description: 'Imports that you asked for, or that your institution was asked for; newest first.',
  })
  imports(
    @Ctx('request') context: RecordsContext,
    @Args(() => ImportsArguments) page: ImportsArguments,
  ): Promise<Connection<Import>> {
    return importsOf(context, page);
  }

  @FieldResolver(() => [Entry], { description: 'Entries shown to the patient, as far as you may see them.' })
  offered(
    @Root() { patient, offeredIds }: Import,
    @Ctx('request') context: RecordsContext,
  ): Promise<Entry[]> {
    return entriesOf(context, patient, offeredIds);
  }

  @FieldResolver(() => [Entry], {
    description: 'Those of them that the patient took, as far as you may see them.',
  })
  picked(@Root() { patient, pickedIds }: Import, @Ctx('request') context: RecordsContext): Promise<Entry[]> {
    return entriesOf(context, patient, pickedIds);
  }

  @Subscription(() => ImportChanged, {
    description: 'Imports that you are a party to, as they are asked for, offered, picked from and declined.',
    subscribe: ({
      context: { request: context },
      args,
    }: {
      context: GraphContext<RecordsContext>;
      args: { readonly after?: string };
    }) =>
      liveEvents(context, {
        names: importEvents,
        channels: context.book.channels,
        after: args.after,
        visible: async ({ item }) =>
          (await context.loaders.imports.load(entryGraphId(item.patient, item.id))) !== undefined,
      }),
  })
  importChanged(
    @Root() event: LiveEvent<(typeof importEvents)[number]>,
    @Ctx('request') _context: RecordsContext,
    @Arg('after', () => String, {
      nullable: true,
      description: 'Cursor to resume after; absent: from now on.',
    })
    _after?: string,
  ): ImportChanged {
    return Object.assign(new ImportChanged(), livePayload(event), {
      import: importOf(importDocument(event.item, event.transaction)),
    });
  }
}

@Resolver(() => Patient)
export class PatientImports {
  @FieldResolver(() => ImportConnection, {
    description: 'Their imports that you are a party to, newest first.',
  })
  imports(
    @Root() { id }: Patient,
    @Ctx('request') context: RecordsContext,
    @Args(() => ImportsArguments) page: ImportsArguments,
  ): Promise<Connection<Import>> {
    return importsOf(context, page, id);
  }
}

/** From the document to the graph's object. */
export function importOf({
  _id: id,
  patient,
  institution,
  offered: offeredIds,
  picked: pickedIds,
  ...document
}: ImportDocument): Import {
  return Object.assign(new Import(), document, {
    id,
    patient: patientNode(patient),
    institution: institutionNode(institution),
    offeredIds,
    pickedIds,
  });
}

async function importsOf(
  context: RecordsContext,
  page: ImportsArguments,
  patient?: string,
): Promise<Connection<Import>> {
  const visible = visibleImports(await context.viewerOf('Task'));
  if (visible === undefined) return emptyPage(page);
  const conditions: object[] = [visible];
  if (patient !== undefined) conditions.push({ patient });
  if (page.status) conditions.push({ status: page.status });
  const order = { key: 'requestedAt', direction: -1 } as const;
  return pageOf(context.book.imports, { $and: conditions }, order, page, importOf);
}

async function entriesOf(
  { loaders }: RecordsContext,
  patient: Patient,
  ids: readonly string[],
): Promise<Entry[]> {
  const found = await Promise.all(ids.map((id) => loaders.entries.load(entryGraphId(patient.id, id))));
  return found.flatMap((entry) => (entry ? [entryOf(entry)] : []));
}
