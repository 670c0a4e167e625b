import { equalValues } from '../bson/compare.js';
import { encodeDocument } from '../bson/encode.js';
import { isDoc, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import type { Collection } from '../storage/collection.js';
import { parseIndexSpec } from '../storage/index-definition.js';
import { jsonText } from '../bson/json-text.js';
import { collectionName, requiredArray } from './arguments.js';
import { cursorBatchSize, streamOf } from './collections.js';
import type { Call, Command } from './command.js';
import { inCollection } from './insert.js';

const MAX_INDEXES = 64;

/** `createIndexes` */
export const createIndexes: Command = async (call) => {
  const name = collectionName(call);
  const specs = requiredArray(call, 'indexes').map(parseIndexSpec);
  if (specs.length === 0) throw new CommandError('BadValue', 'Must specify at least one index to create');
  const createdCollectionAutomatically = !call.server.catalog.find(call.database, name);
  return inCollection(call, name, async (collection) => {
    const numIndexesBefore = collection.indexes.length;
    for (const spec of specs) {
      if (isThere(collection, spec)) continue;
      if (collection.indexes.length >= MAX_INDEXES)
        throw new CommandError(
          'CannotCreateIndex',
          `add index fails, too many indexes for ${collection.namespace} key:${jsonText(spec.key)}`,
        );
      await collection.addIndex(spec);
    }
    const numIndexesAfter = collection.indexes.length;
    const note: Doc = numIndexesAfter === numIndexesBefore ? { note: 'all indexes already exist' } : {};
    return { numIndexesBefore, numIndexesAfter, createdCollectionAutomatically, ...note };
  });
};

/** Whether the very index exists; one that differs in name, key or options only is a conflict. */
function isThere(collection: Collection, spec: ReturnType<typeof parseIndexSpec>): boolean {
  const isIdKey = equalValues(spec.key, { _id: 1 });
  if (isIdKey) {
    if (spec.options.unique === true || spec.options.sparse === true)
      throw new CommandError(
        'InvalidIndexSpecificationOption',
        `The field '${Object.keys(spec.options)[0] ?? ''}' is not valid for an _id index specification.`,
      );
    return true;
  }
  const sameName = collection.indexes.find(({ name }) => name === spec.name);
  const described = (): string => jsonText({ v: 2, key: spec.key, name: spec.name, ...spec.options });
  if (sameName) {
    if (!equalValues(sameName.spec.key, spec.key) || !sameOptions(sameName.spec.options, spec.options))
      throw new CommandError(
        'IndexKeySpecsConflict',
        `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: ${described()}, existing index: ${jsonText(sameName.describe())}`,
      );
    return true;
  }
  const sameKey = collection.indexes.find(
    (index) =>
      equalValues(index.spec.key, spec.key) &&
      equalValues(index.partial ?? null, spec.options.partialFilterExpression ?? null),
  );
  if (!sameKey) return false;
  if (sameOptions(sameKey.spec.options, spec.options))
    throw new CommandError(
      'IndexOptionsConflict',
      `Index already exists with a different name: ${sameKey.name}`,
    );
  throw new CommandError(
    'IndexOptionsConflict',
    `An equivalent index already exists with a different name and options. Requested index: ${described()}, existing index: ${jsonText(sameKey.describe())}`,
  );
}

function sameOptions(a: Doc, b: Doc): boolean {
  return ['unique', 'sparse', 'partialFilterExpression', 'expireAfterSeconds', 'collation'].every((option) =>
    equalValues(a[option] ?? null, b[option] ?? null),
  );
}

function existing(call: Call): Collection {
  const name = collectionName(call);
  const collection = call.server.catalog.find(call.database, name);
  if (!collection) throw new CommandError('NamespaceNotFound', `ns does not exist: ${call.database}.${name}`);
  if ('viewOn' in collection.spec.options)
    throw new CommandError(
      'CommandNotSupportedOnView',
      `Namespace ${collection.namespace} is a view, not a collection`,
    );
  return collection;
}

/** `listIndexes` */
export const listIndexes: Command = (call) => {
  const collection = existing(call);
  const documents = collection.indexes.map((index) => encodeDocument(index.describe()));
  return call.server.cursors.firstBatch(streamOf(documents), {
    namespace: collection.namespace,
    operation: call.operation,
    batchSize: cursorBatchSize(call),
  });
};

/** `dropIndexes` */
export const dropIndexes: Command = async (call) => {
  const collection = existing(call);
  const wanted = call.body.index;
  return collection.lock.run(async () => {
    const nIndexesWas = collection.indexes.length;
    const all = wanted === '*';
    for (const name of all ? otherNames(collection) : namesOf(collection, wanted))
      await collection.dropIndex(name);
    const msg = 'non-_id indexes dropped for collection';
    return all ? { nIndexesWas, msg } : { nIndexesWas };
  });
};

function otherNames(collection: Collection): string[] {
  return collection.indexes.filter(({ isIdIndex }) => !isIdIndex).map(({ name }) => name);
}

function namesOf(collection: Collection, wanted: Value): string[] {
  const items = Array.isArray(wanted) ? wanted : [wanted];
  return items.map((item) => {
    const index = collection.indexes.find(({ name, spec }) =>
      isDoc(item) ? equalValues(spec.key, item) : name === item,
    );
    if (!index) {
      throw isDoc(item)
        ? new CommandError('IndexNotFound', `can't find index with key: ${jsonText(item)}`)
        : new CommandError('IndexNotFound', `index not found with name [${jsonText(item)}]`);
    }
    if (index.isIdIndex) throw new CommandError('InvalidOptions', 'cannot drop _id index');
    return index.name;
  });
}
