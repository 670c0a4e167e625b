import { Long } from 'bson';
import { encodeDocument } from '../bson/encode.js';
import { toNumber } from '../bson/exact.js';
import { identityOf } from '../bson/sort-key.js';
import { getField, isDoc, isNumeric, isNullish, type Doc, type Value } from '../bson/value.js';
import type { DocumentStream } from '../cursors.js';
import { CommandError } from '../errors.js';
import { Find, type FindRequest } from '../planner/find.js';
import { parseCollation } from '../query/collation.js';
import { compileMatcher } from '../query/matcher.js';
import { compileProjection, type Projection } from '../query/projection.js';
import { parseSort } from '../query/sort.js';
import { isIndex } from '../query/path.js';
import { runPipeline } from '../aggregation/pipeline.js';
import { compareValues } from '../bson/compare.js';
import {
  collectionName,
  flag,
  optionalCount,
  optionalDoc,
  requiredArray,
  requiredLong,
  requiredString,
} from './arguments.js';
import { streamOf } from './collections.js';
import { operandOf, type Call, type Command } from './command.js';
import { variablesOf } from './variables.js';

/** The largest answer of one document, in bytes. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

function limitOf(call: Call): { readonly limit: number; readonly singleBatch: boolean } {
  const value = call.body.limit;
  if (isNullish(value)) return { limit: 0, singleBatch: flag(call, 'singleBatch') };
  const limit = isNumeric(value) ? Math.trunc(toNumber(value)) : NaN;
  if (Number.isNaN(limit))
    throw new CommandError(
      'TypeMismatch',
      `BSON field '${call.name}.limit' is the wrong type, expected type 'long'`,
    );
  if (limit < 0)
    throw new CommandError(51024, `BSON field 'limit' value must be >= 0, actual value '${limit}'`);
  return { limit, singleBatch: flag(call, 'singleBatch') };
}

/** Reads the request that `find`, `count` and `explain` share. */
export function parseFind(call: Call, filterField: string): FindRequest {
  return {
    filter: optionalDoc(call, filterField) ?? {},
    sort: parseSort(call.body.sort ?? undefined),
    skip: optionalCount(call, 'skip') ?? 0,
    limit: limitOf(call).limit,
    hint: call.body.hint ?? undefined,
    collation: parseCollation(call.body.collation ?? undefined),
    variables: variablesOf(call),
  };
}

const REFUSED = ['tailable', 'awaitData', 'returnKey', 'min', 'max'] as const;

/** `find` */
export const find: Command = async (call) => {
  const name = collectionName(call);
  const request = parseFind(call, 'filter');
  const refused = REFUSED.find((field) => !isNullish(call.body[field]) && call.body[field] !== false);
  if (refused === 'tailable')
    throw new CommandError(
      'BadValue',
      `error processing query: ns=${call.database}.${name}: tailable cursor requested on non capped collection`,
    );
  if (refused) throw new CommandError('BadValue', `'${refused}' is not supported`);
  const fields = optionalDoc(call, 'projection');
  const scope = { variables: request.variables, now: call.operation.now };
  const projection = fields && compileProjection(fields, { scope, forFind: true });
  const stream = findStream(call, name, request, projection);
  return call.server.cursors.firstBatch(stream, {
    namespace: `${call.database}.${name}`,
    operation: call.operation,
    batchSize: optionalCount(call, 'batchSize'),
    singleBatch: limitOf(call).singleBatch,
    noCursorTimeout: flag(call, 'noCursorTimeout'),
  });
};

function findStream(
  call: Call,
  name: string,
  request: FindRequest,
  projection: Projection | undefined,
): DocumentStream {
  const collection = call.server.catalog.find(call.database, name);
  if (!collection) {
    compileMatcher(request.filter, { scope: { variables: request.variables } });
    return streamOf([]);
  }
  if ('viewOn' in collection.spec.options) return viewStream(call, name, request, projection);
  const query = new Find(call.server.store, collection, request, call.operation);
  return encodeMatches(query, projection);
}

async function* encodeMatches(query: Find, projection: Projection | undefined): DocumentStream {
  for await (const matches of query.run())
    yield matches.map(({ stored, doc, position }) =>
      projection ? encodeDocument(projection(doc, position)) : stored.bytes,
    );
}

/** A query on a view is its pipeline with the query's parts as further stages. */
async function* viewStream(
  call: Call,
  name: string,
  request: FindRequest,
  projection: Projection | undefined,
): DocumentStream {
  const stages: Value[] = [{ $match: request.filter }];
  if (request.sort && request.sort.length > 0 && isDoc(call.body.sort))
    stages.push({ $sort: call.body.sort });
  if (request.skip) stages.push({ $skip: request.skip });
  if (request.limit) stages.push({ $limit: request.limit });
  const context = { server: call.server, database: call.database, operation: call.operation };
  for await (const docs of runPipeline(name, stages, context))
    yield docs.map((doc) => encodeDocument(projection?.(doc, undefined) ?? doc));
}

/** `getMore` */
export const getMore: Command = (call) => {
  const id = operandOf(call);
  if (!isNumeric(id))
    throw new CommandError(
      'TypeMismatch',
      "BSON field 'getMore.getMore' is the wrong type, expected type 'long'",
    );
  const namespace = `${call.database}.${requiredString(call, 'collection')}`;
  return call.server.cursors.nextBatch(
    requiredLong(call, 'getMore'),
    namespace,
    optionalCount(call, 'batchSize') ?? 0,
  );
};

/** `killCursors` */
export const killCursors: Command = async (call) => {
  const namespace = `${call.database}.${collectionName(call)}`;
  const killed: Long[] = [];
  const notFound: Long[] = [];
  for (const id of requiredArray(call, 'cursors')) {
    if (!(id instanceof Long))
      throw new CommandError(
        'TypeMismatch',
        "BSON field 'killCursors.cursors.0' is the wrong type, expected type 'long'",
      );
    ((await call.server.cursors.kill(id, namespace)) ? killed : notFound).push(id);
  }
  return { cursorsKilled: killed, cursorsNotFound: notFound, cursorsAlive: [], cursorsUnknown: [] };
};

/** `count` */
export const count: Command = async (call) => {
  const name = collectionName(call);
  const limit = isNumeric(call.body.limit) ? Math.abs(toNumber(call.body.limit)) : 0;
  const request: FindRequest = {
    filter: optionalDoc(call, 'query') ?? {},
    skip: optionalCount(call, 'skip') ?? 0,
    limit,
    hint: call.body.hint ?? undefined,
    collation: parseCollation(call.body.collation ?? undefined),
  };
  const collection = call.server.catalog.find(call.database, name);
  if (!collection) {
    compileMatcher(request.filter);
    return { n: 0 };
  }
  if ('viewOn' in collection.spec.options) return { n: await countView(call, name, request) };
  if (Object.keys(request.filter).length === 0) {
    const left = Math.max(collection.count - (request.skip ?? 0), 0);
    return { n: limit > 0 ? Math.min(left, limit) : left };
  }
  let n = 0;
  const query = new Find(call.server.store, collection, request, call.operation);
  for await (const matches of query.run()) n += matches.length;
  return { n };
};

async function countView(call: Call, name: string, { filter }: FindRequest): Promise<number> {
  let n = 0;
  const context = { server: call.server, database: call.database, operation: call.operation };
  for await (const docs of runPipeline(name, [{ $match: filter }], context)) n += docs.length;
  return n;
}

/** `distinct` */
export const distinct: Command = async (call) => {
  const name = collectionName(call);
  const parts = requiredString(call, 'key').split('.');
  const request: FindRequest = {
    filter: optionalDoc(call, 'query') ?? {},
    collation: parseCollation(call.body.collation ?? undefined),
    hint: call.body.hint ?? undefined,
  };
  const found = new Map<string, Value>();
  let bytes = 0;
  const strings = request.collation?.order;
  for await (const docs of documentsOf(call, name, request)) {
    for (const doc of docs) {
      for (const value of distinctValues(doc, parts)) {
        const identity = identityOf(value);
        if (found.has(identity)) continue;
        found.set(identity, value);
        bytes += identity.length;
        if (bytes > MAX_ANSWER_BYTES) throw new CommandError(17217, 'distinct too big, 16mb cap');
      }
    }
  }
  const values = [...found.values()].sort((a, b) => compareValues(a, b, strings));
  if (!strings) return { values };
  return {
    values: values.filter((value, at) => at === 0 || compareValues(values[at - 1], value, strings) !== 0),
  };
};

async function* documentsOf(call: Call, name: string, request: FindRequest): AsyncGenerator<Doc[]> {
  const collection = call.server.catalog.find(call.database, name);
  if (collection && 'viewOn' in collection.spec.options) {
    const context = { server: call.server, database: call.database, operation: call.operation };
    yield* runPipeline(name, [{ $match: request.filter }], context);
  } else if (collection) {
    for await (const matches of new Find(call.server.store, collection, request, call.operation).run())
      yield matches.map(({ doc }) => doc);
  } else compileMatcher(request.filter);
}

/** The values on a path, elements of arrays each for itself; of an array in an array the inner one. */
function distinctValues(value: Value, parts: readonly string[], at = 0): Value[] {
  if (at === parts.length) {
    if (Array.isArray(value)) return value;
    return value === undefined ? [] : [value];
  }
  const part = parts[at] ?? '';
  if (isDoc(value)) return distinctValues(getField(value, part), parts, at + 1);
  if (!Array.isArray(value)) return [];
  const own = isIndex(part) ? distinctValues(value[Number(part)], parts, at + 1) : [];
  return [...own, ...value.flatMap((item) => (isDoc(item) ? distinctValues(item, parts, at) : []))];
}
