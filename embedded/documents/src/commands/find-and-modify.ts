import type { Doc, Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { Find, type FindRequest } from '../planner/find.js';
import { parseCollation } from '../query/collation.js';
import { compileProjection } from '../query/projection.js';
import { parseSort } from '../query/sort.js';
import type { Collection } from '../storage/collection.js';
import { compileUpdate } from '../update/updater.js';
import { collectionName, flag, optionalDoc } from './arguments.js';
import { deleteMatches, updateMatches } from './change.js';
import type { Call, Command } from './command.js';
import { inCollection } from './insert.js';
import { variablesOf } from './variables.js';

/** `findAndModify`: changes one document and answers it, as it was or as it is now. */
export const findAndModify: Command = async (call) => {
  const name = collectionName(call);
  const { body } = call;
  const remove = flag(call, 'remove');
  const returnNew = flag(call, 'new');
  const upsert = flag(call, 'upsert');
  if (remove && body.update !== undefined)
    throw new CommandError('FailedToParse', 'Cannot specify both an update and remove=true');
  if (!remove && body.update === undefined)
    throw new CommandError('FailedToParse', 'Either an update or remove=true must be specified');
  if (remove && upsert)
    throw new CommandError('FailedToParse', 'Cannot specify both upsert=true and remove=true');
  if (remove && returnNew)
    throw new CommandError(
      'FailedToParse',
      "Cannot specify both new=true and remove=true; 'remove' always returns the deleted document",
    );
  const fields = optionalDoc(call, 'fields') ?? optionalDoc(call, 'projection');
  const variables = variablesOf(call);
  const projection =
    fields && compileProjection(fields, { scope: { variables, now: call.operation.now }, forFind: true });
  const filter = optionalDoc(call, 'query') ?? {};
  const request: FindRequest = {
    filter,
    limit: 1,
    sort: parseSort(body.sort ?? undefined),
    hint: body.hint,
    collation: parseCollation(body.collation),
    variables,
  };
  return inCollection(call, name, async (collection) => {
    const find = new Find(call.server.store, collection, request, call.operation);
    const shown = (doc: Doc | undefined): Value =>
      doc ? (projection?.(doc, positionIn(find, doc)) ?? doc) : null;
    if (remove) {
      const { count, last } = await deleteMatches(call.server, collection, find);
      return { lastErrorObject: { n: count }, value: shown(last) };
    }
    return update(call, collection, { find, filter, upsert, returnNew, shown });
  });
};

interface Update {
  readonly find: Find;
  readonly filter: Doc;
  readonly upsert: boolean;
  readonly returnNew: boolean;
  readonly shown: (doc: Doc | undefined) => Value;
}

async function update(
  call: Call,
  collection: Collection,
  { find, filter, upsert, returnNew, shown }: Update,
): Promise<Doc> {
  const updater = compileUpdate(call.body.update, {
    arrayFilters: call.body.arrayFilters ?? undefined,
    scope: { variables: variablesOf(call), now: call.operation.now },
    now: call.operation.now,
  });
  const bypassValidation = flag(call, 'bypassDocumentValidation');
  const outcome = await updateMatches(call.server, collection, {
    find,
    filter,
    updater,
    upsert,
    bypassValidation,
  });
  const n = outcome.matched + Number(outcome.upserted !== undefined);
  return {
    lastErrorObject: {
      n,
      updatedExisting: outcome.matched > 0,
      ...(outcome.upserted ? { upserted: outcome.upserted._id } : {}),
    },
    value: shown(returnNew ? outcome.after : outcome.before),
  };
}

function positionIn(find: Find, doc: Doc): number | undefined {
  const position = { index: undefined };
  find.matches(doc, position);
  return position.index;
}
