import { randomUUID } from 'node:crypto';
import { assertStorable, encodeDocument } from '../bson/encode.js';
import { getField, isDoc, isNullish, typeName, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { writableCollection } from '../commands/collections.js';
import { compileExpression } from '../expression/compile.js';
import { Find } from '../planner/find.js';
import type { Collection } from '../storage/collection.js';
import { jsonText } from '../bson/json-text.js';
import { withId } from '../update/updater.js';
import { compileUpdatePipeline } from './document-stages.js';
import { scopeOf, type PipelineContext, type StageCompiler } from './stage.js';
import { sortKey } from '../bson/sort-key.js';

interface Namespace {
  readonly database: string;
  readonly name: string;
}

function namespaceOf(operand: Value, context: PipelineContext, stage: string): Namespace {
  if (typeof operand === 'string') return { database: context.database, name: operand };
  if (isDoc(operand) && typeof operand.coll === 'string')
    return { database: typeof operand.db === 'string' ? operand.db : context.database, name: operand.coll };
  throw new CommandError(
    stage === '$out' ? 16990 : 51178,
    `${stage} only supports a string or object argument, but found ${typeName(operand)}`,
  );
}

/** `$out`: the results in the place of a collection, which keeps its indexes. */
export const out: StageCompiler = (operand, context) => {
  const target = namespaceOf(operand, context, '$out');
  const { catalog, store } = context.server;
  return async function* (input) {
    const there = catalog.find(target.database, target.name);
    const temporary = catalog.create(
      target.database,
      `tmp.agg_out.${randomUUID()}`,
      there?.spec.options ?? {},
    );
    try {
      for (const { spec, isIdIndex } of there?.indexes ?? []) if (!isIdIndex) await temporary.addIndex(spec);
      for await (const docs of input) {
        for (const doc of docs) insertInto(temporary, doc);
        if (store.isFull) await store.durable();
      }
      await store.durable();
      await catalog.rename(temporary, target.database, target.name, true);
    } catch (error) {
      await catalog.drop(temporary);
      throw error;
    }
    yield* [];
  };
};

function insertInto(collection: Collection, doc: Doc): void {
  const stored = withId(doc);
  const bytes = encodeDocument(stored);
  assertStorable(bytes);
  collection.validate(stored);
  collection.insert(stored, bytes);
}

type WhenMatched = (there: Doc, doc: Doc) => Doc | undefined;

/** `$merge`: the results written into a collection, one by one. */
export const merge: StageCompiler = (operand, context) => {
  const spec = isDoc(operand) && 'into' in operand ? operand : { into: operand };
  if (!isDoc(spec)) throw new CommandError(51182, '$merge needs a collection');
  const unknown = Object.keys(spec).find(
    (key) => !['into', 'on', 'let', 'whenMatched', 'whenNotMatched'].includes(key),
  );
  if (unknown !== undefined)
    throw new CommandError(40415, `BSON field '$merge.${unknown}' is an unknown field.`);
  const target = namespaceOf(spec.into, context, '$merge');
  const on = onFields(spec.on);
  const whenMatched = compileWhenMatched(spec.whenMatched ?? 'merge', spec.let, context);
  const whenNotMatched = spec.whenNotMatched ?? 'insert';
  if (typeof whenNotMatched !== 'string' || !['insert', 'discard', 'fail'].includes(whenNotMatched))
    throw new CommandError(
      'BadValue',
      `Enumeration value '${jsonText(whenNotMatched)}' for field '$merge.whenNotMatched' is not a valid value.`,
    );
  return async function* (input) {
    const { server } = context;
    assertUnique(server.catalog.find(target.database, target.name), on);
    for await (const docs of input) {
      const collection = writableCollection(server, target.database, target.name);
      await collection.lock.run(async () => {
        for (const doc of docs) await mergeOne(context, collection, doc, on, whenMatched, whenNotMatched);
      });
      await server.store.durable();
    }
    yield* [];
  };
};

function onFields(operand: Value): string[] {
  const fields = operand === undefined ? ['_id'] : Array.isArray(operand) ? operand : [operand];
  if (fields.length === 0)
    throw new CommandError(51187, "If explicitly specifying $merge 'on', must include at least one field");
  return fields.map((field) => {
    if (typeof field !== 'string')
      throw new CommandError(
        51186,
        `$merge 'on' field must be either a string or an array of strings, but found ${typeName(operand)}`,
      );
    return field;
  });
}

function assertUnique(collection: Collection | undefined, on: readonly string[]): void {
  if (on.length === 1 && on[0] === '_id') return;
  const wanted = [...on].sort().join('\0');
  const unique = collection?.indexes.some(
    (index) =>
      index.unique &&
      !index.partial &&
      index.fields
        .map(({ path }) => path)
        .sort()
        .join('\0') === wanted,
  );
  if (!unique) throw new CommandError(51183, 'Cannot find index to verify that join fields will be unique');
}

function compileWhenMatched(operand: Value, variables: Value, context: PipelineContext): WhenMatched {
  if (Array.isArray(operand)) {
    const scope = scopeOf(context);
    const lets = Object.entries(isDoc(variables) ? variables : { new: '$$ROOT' }).map(
      ([name, value]) => [name, compileExpression(value, scope)] as const,
    );
    const pipelineFor = (doc: Doc): ((there: Doc) => Doc) => {
      const values = {
        new: doc,
        ...Object.fromEntries(lets.map(([name, evaluate]) => [name, evaluate(doc)])),
      };
      return compileUpdatePipeline(operand, { ...scope, variables: { ...scope.variables, ...values } });
    };
    pipelineFor({});
    return (there, doc) => pipelineFor(doc)(there);
  }
  switch (operand) {
    case 'replace':
      return (there, doc) => ({ ...doc, _id: there._id });
    case 'keepExisting':
      return () => undefined;
    case 'merge':
      return (there, doc) => ({ ...there, ...doc, _id: there._id });
    case 'fail':
      return (_there, doc) => {
        throw new CommandError(
          'DuplicateKey',
          `$merge with whenMatched: fail found an existing document: ${jsonText(doc._id)}`,
        );
      };
    default:
      throw new CommandError(
        'BadValue',
        `Enumeration value '${jsonText(operand)}' for field '$merge.whenMatched' is not a valid value.`,
      );
  }
}

async function mergeOne(
  context: PipelineContext,
  collection: Collection,
  doc: Doc,
  on: readonly string[],
  whenMatched: WhenMatched,
  whenNotMatched: string,
): Promise<void> {
  const filter: Doc = {};
  const source = on.includes('_id') ? withId(doc) : doc;
  for (const path of on) {
    const value = path
      .split('.')
      .reduce<Value>((at, part) => (isDoc(at) ? getField(at, part) : undefined), source);
    if (isNullish(value) || Array.isArray(value))
      throw new CommandError(
        51132,
        `$merge write error: 'on' field '${path}' cannot be missing, null, undefined or an array`,
      );
    filter[path] = { $eq: value };
  }
  const find = new Find(context.server.store, collection, { filter, limit: 1 }, context.operation);
  for await (const [match] of find.runForWriter()) {
    if (!match) continue;
    const after = whenMatched(match.doc, source);
    if (!after) return;
    if (
      '_id' in source &&
      on.every((path) => path !== '_id') &&
      sortKey([source._id]).compare(sortKey([match.doc._id])) !== 0
    )
      throw new CommandError(
        'ImmutableField',
        '$merge failed to update the matching document, did you attempt to modify the _id or the shard key?',
      );
    const bytes = encodeDocument(withId(after));
    assertStorable(bytes);
    collection.validate(after, match.doc);
    collection.replace(match.stored, match.doc, after, bytes);
    return;
  }
  if (whenNotMatched === 'insert') insertInto(collection, source);
  else if (whenNotMatched === 'fail')
    throw new CommandError(
      13113,
      `$merge could not find a matching document in the target collection for at least one document in the source collection`,
    );
}
