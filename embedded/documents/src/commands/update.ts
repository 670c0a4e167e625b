import { isDoc, isNullish, typeName, type Doc, type Value } from '../bson/value.js';
import { jsonText } from '../bson/json-text.js';
import { CommandError } from '../errors.js';
import { Find } from '../planner/find.js';
import { parseCollation } from '../query/collation.js';
import { parseSort } from '../query/sort.js';
import type { Collection } from '../storage/collection.js';
import { compileUpdate } from '../update/updater.js';
import { collectionName, flag, writeStatements } from './arguments.js';
import { deleteMatches, updateMatches, type Outcome } from './change.js';
import type { Call, Command } from './command.js';
import { inCollection } from './insert.js';
import { isTruthy } from '../expression/compile.js';
import { toNumber } from '../bson/exact.js';
import { isNumeric } from '../bson/value.js';
import { variablesOf } from './variables.js';
import { WriteErrors } from './write-errors.js';

/** One statement of `update`. */
export interface UpdateStatement {
  readonly filter: Doc;
  readonly update: Value;
  readonly upsert: boolean;
  readonly multi: boolean;
  readonly arrayFilters: Value;
  readonly collation: Value;
  readonly hint: Value;
  readonly sort: Value;
  /** Values of the statement's own variables, over those of the command. */
  readonly constants: Doc;
}

const UPDATE_FIELDS = new Set([
  'q',
  'u',
  'c',
  'upsert',
  'multi',
  'arrayFilters',
  'collation',
  'hint',
  'sort',
  'upsertSupplied',
  'sampleId',
  'allowShardKeyUpdatesWithoutFullShardKeyInQuery',
]);
const DELETE_FIELDS = new Set(['q', 'limit', 'collation', 'hint', 'sampleId']);

function filterOf(value: Value, where: string): Doc {
  if (isDoc(value)) return value;
  if (value === undefined)
    throw new CommandError(40414, `BSON field '${where}' is missing but a required field`);
  throw new CommandError(
    'TypeMismatch',
    `BSON field '${where}' is the wrong type '${typeName(value)}', expected type 'object'`,
  );
}

function assertKnown(statement: Doc, known: ReadonlySet<string>, where: string): void {
  const unknown = Object.keys(statement).find((field) => !known.has(field));
  if (unknown !== undefined)
    throw new CommandError('IDLUnknownField', `BSON field '${where}.${unknown}' is an unknown field.`);
}

function parseUpdate(statement: Doc): UpdateStatement {
  assertKnown(statement, UPDATE_FIELDS, 'update.updates');
  if (!('u' in statement))
    throw new CommandError(40414, "BSON field 'update.updates.u' is missing but a required field");
  return {
    filter: filterOf(statement.q, 'update.updates.q'),
    update: statement.u,
    upsert: isTruthy(statement.upsert),
    multi: isTruthy(statement.multi),
    arrayFilters: statement.arrayFilters ?? undefined,
    collation: statement.collation,
    hint: statement.hint,
    sort: statement.sort,
    constants: isDoc(statement.c) ? statement.c : {},
  };
}

/** Carries one update out; the collection's lock is held. */
export async function runUpdate(
  call: Call,
  collection: Collection,
  statement: UpdateStatement,
): Promise<Outcome> {
  const { filter, update, multi, upsert } = statement;
  const variables = { ...variablesOf(call), ...statement.constants };
  const updater = compileUpdate(update, {
    arrayFilters: statement.arrayFilters,
    scope: { variables, now: call.operation.now },
    now: call.operation.now,
  });
  if (multi && updater.kind === 'replacement')
    throw new CommandError('FailedToParse', 'multi update is not supported for replacement-style update');
  if (multi && !isNullish(statement.sort))
    throw new CommandError('FailedToParse', 'Cannot specify sort with multi=true');
  const request = {
    filter,
    limit: multi ? 0 : 1,
    sort: parseSort(statement.sort),
    hint: statement.hint,
    collation: parseCollation(statement.collation),
    variables,
  };
  const find = new Find(call.server.store, collection, request, call.operation);
  const bypassValidation = flag(call, 'bypassDocumentValidation');
  return updateMatches(call.server, collection, { find, filter, updater, upsert, bypassValidation });
}

/** `update` */
export const update: Command = async (call) => {
  const name = collectionName(call);
  const statements = writeStatements(call, 'updates');
  const errors = new WriteErrors(flag(call, 'ordered', true));
  const upserted: Doc[] = [];
  let n = 0;
  let nModified = 0;
  await inCollection(call, name, async (collection) => {
    for (const [index, statement] of statements.entries()) {
      if (errors.stopped) break;
      try {
        const outcome = await runUpdate(call, collection, parseUpdate(statement));
        n += outcome.matched + Number(outcome.upserted !== undefined);
        nModified += outcome.modified;
        if (outcome.upserted) upserted.push({ index, _id: outcome.upserted._id });
      } catch (error) {
        errors.add(index, error);
      }
    }
  });
  return { n, nModified, ...(upserted.length > 0 ? { upserted } : {}), ...errors.answer };
};

/** One statement of `delete`. */
export interface DeleteStatement {
  readonly filter: Doc;
  readonly limit: number;
  readonly collation: Value;
  readonly hint: Value;
}

function parseDelete(statement: Doc): DeleteStatement {
  assertKnown(statement, DELETE_FIELDS, 'delete.deletes');
  const { limit } = statement;
  if (limit === undefined)
    throw new CommandError(40414, "BSON field 'delete.deletes.limit' is missing but a required field");
  const count = isNumeric(limit) ? toNumber(limit) : NaN;
  if (count !== 0 && count !== 1)
    throw new CommandError(
      'FailedToParse',
      `The limit field in delete objects must be 0 or 1. Got ${jsonText(limit)}`,
    );
  return {
    filter: filterOf(statement.q, 'delete.deletes.q'),
    limit: count,
    collation: statement.collation,
    hint: statement.hint,
  };
}

/** Carries one deletion out; the collection's lock is held. */
export async function runDelete(
  call: Call,
  collection: Collection,
  statement: DeleteStatement,
): Promise<number> {
  const request = {
    filter: statement.filter,
    limit: statement.limit,
    hint: statement.hint,
    collation: parseCollation(statement.collation),
    variables: variablesOf(call),
  };
  const find = new Find(call.server.store, collection, request, call.operation);
  const { count } = await deleteMatches(call.server, collection, find);
  return count;
}

/** `delete` */
export const deleteDocuments: Command = async (call) => {
  const name = collectionName(call);
  const statements = writeStatements(call, 'deletes');
  const errors = new WriteErrors(flag(call, 'ordered', true));
  let n = 0;
  await inCollection(call, name, async (collection) => {
    for (const [index, statement] of statements.entries()) {
      if (errors.stopped) break;
      try {
        n += await runDelete(call, collection, parseDelete(statement));
      } catch (error) {
        errors.add(index, error);
      }
    }
  });
  return { n, ...errors.answer };
};
