import { isDoc, isNumeric, typeName, type Doc, type Value } from '../bson/value.js';
import { toNumber } from '../bson/exact.js';
import type { DocumentStream } from '../cursors.js';
import { CommandError } from '../errors.js';
import { parseCollation } from '../query/collation.js';
import { compileMatcher } from '../query/matcher.js';
import { compilePipeline } from '../aggregation/pipeline.js';
import type { Collection } from '../storage/collection.js';
import { encodeDocument } from '../bson/encode.js';
import { equalValues } from '../bson/compare.js';
import { collectionName, flag, optionalDoc, optionalString, requiredString } from './arguments.js';
import { operandOf, type Call, type Command, type Server } from './command.js';

/** The collection to write to, made where there is none. */
export function writableCollection(server: Server, database: string, name: string): Collection {
  const collection = server.catalog.findOrCreate(database, name);
  if ('viewOn' in collection.spec.options)
    throw new CommandError(
      'CommandNotSupportedOnView',
      `Namespace ${database}.${name} is a view, not a collection`,
    );
  return collection;
}

const OPTIONS = new Set([
  'validator',
  'validationLevel',
  'validationAction',
  'collation',
  'viewOn',
  'pipeline',
  'autoIndexId',
  'storageEngine',
  'indexOptionDefaults',
  'writeConcern',
  'comment',
  'capped',
  'size',
  'max',
  'timeseries',
  'expireAfterSeconds',
  'clusteredIndex',
  'changeStreamPreAndPostImages',
  'encryptedFields',
  'flags',
  'rawData',
  'idIndex',
]);
const GENERIC = new Set([
  'lsid',
  '$db',
  '$readPreference',
  '$clusterTime',
  'maxTimeMS',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
  'txnNumber',
]);
const REFUSED = [
  'timeseries',
  'expireAfterSeconds',
  'clusteredIndex',
  'changeStreamPreAndPostImages',
  'encryptedFields',
];
const KEPT = [
  'validator',
  'validationLevel',
  'validationAction',
  'viewOn',
  'pipeline',
  'capped',
  'size',
  'max',
];

/** `create`: a collection or a view. */
export const create: Command = async (call) => {
  const name = collectionName(call);
  const { body, server, database } = call;
  for (const option of Object.keys(body))
    if (option !== call.name && !OPTIONS.has(option) && !GENERIC.has(option))
      throw new CommandError('IDLUnknownField', `BSON field 'create.${option}' is an unknown field.`);
  const refused = REFUSED.find((option) => option in body);
  if (refused !== undefined)
    throw new CommandError('InvalidOptions', `the collection option '${refused}' is not supported`);
  if (flag(call, 'capped'))
    throw new CommandError('InvalidOptions', "the collection option 'capped' is not supported");
  if (parseCollation(body.collation))
    throw new CommandError(
      'InvalidOptions',
      'a default collation of a collection is not supported: give it with each operation',
    );
  checkOptions(call);
  const options: Doc = Object.fromEntries(
    Object.entries(body).filter(
      ([option, value]) => KEPT.includes(option) && value !== false && !['size', 'max'].includes(option),
    ),
  );
  const there = server.catalog.find(database, name);
  if (there && equalValues(there.spec.options, options)) return {};
  server.catalog.create(database, name, options);
  await server.store.durable();
  return {};
};

function checkOptions(call: Call): void {
  const validator = optionalDoc(call, 'validator');
  if (validator) compileMatcher(validator);
  const level = optionalString(call, 'validationLevel');
  if (level !== undefined && !['off', 'strict', 'moderate'].includes(level))
    throw new CommandError(
      'BadValue',
      `Enumeration value '${level}' for field '${call.name}.validationLevel' is not a valid value.`,
    );
  const action = optionalString(call, 'validationAction');
  if (action !== undefined && !['error', 'warn', 'errorAndLog'].includes(action))
    throw new CommandError(
      'BadValue',
      `Enumeration value '${action}' for field '${call.name}.validationAction' is not a valid value.`,
    );
  const { viewOn, pipeline } = call.body;
  if (pipeline !== undefined && viewOn === undefined)
    throw new CommandError('InvalidOptions', "'pipeline' requires 'viewOn' to also be specified");
  if (viewOn !== undefined) {
    requiredString(call, 'viewOn');
    if (!Array.isArray(pipeline ?? []))
      throw new CommandError(
        'TypeMismatch',
        "BSON field 'create.pipeline' is the wrong type, expected type 'array'",
      );
    compilePipeline((pipeline ?? []) as Value[], {
      server: call.server,
      database: call.database,
      operation: call.operation,
    });
  }
}

/** `drop` */
export const drop: Command = async (call) => {
  const name = collectionName(call);
  const collection = call.server.catalog.find(call.database, name);
  // A collection that is not there counts as dropped.
  if (!collection) return {};
  const { indexes } = collection;
  await call.server.catalog.drop(collection);
  await call.server.cursors.killNamespace(`${call.database}.${name}`);
  return { nIndexesWas: indexes.length, ns: `${call.database}.${name}` };
};

/** `dropDatabase` */
export const dropDatabase: Command = async (call) => {
  const collections = call.server.catalog.collections(call.database);
  for (const collection of collections) {
    await call.server.catalog.drop(collection);
    await call.server.cursors.killNamespace(collection.namespace);
  }
  return collections.length > 0 ? { dropped: call.database } : {};
};

/** `renameCollection` */
export const renameCollection: Command = async (call) => {
  if (call.database !== 'admin')
    throw new CommandError('Unauthorized', 'renameCollection may only be run against the admin database.');
  const [database, name] = splitNamespace(operandOf(call));
  const [toDatabase, toName] = splitNamespace(call.body.to);
  const collection = call.server.catalog.find(database, name);
  if (!collection)
    throw new CommandError('NamespaceNotFound', `Source collection ${database}.${name} does not exist`);
  if (database === toDatabase && name === toName)
    throw new CommandError('IllegalOperation', "Can't rename a collection to itself");
  await call.server.catalog.rename(collection, toDatabase, toName, flag(call, 'dropTarget'));
  return {};
};

function splitNamespace(value: Value): [string, string] {
  if (typeof value !== 'string')
    throw new CommandError('TypeMismatch', `a namespace must be a string, found ${typeName(value)}`);
  const at = value.indexOf('.');
  if (at <= 0 || at === value.length - 1)
    throw new CommandError('InvalidNamespace', `Invalid namespace specified '${value}'`);
  return [value.slice(0, at), value.slice(at + 1)];
}

/** `collMod`: validation, and what an index's options let change. */
export const collMod: Command = async (call) => {
  const name = collectionName(call);
  const collection = call.server.catalog.find(call.database, name);
  if (!collection) throw new CommandError('NamespaceNotFound', `ns does not exist: ${call.database}.${name}`);
  checkOptions(call);
  const changed = Object.fromEntries(
    ['validator', 'validationLevel', 'validationAction', 'viewOn', 'pipeline'].flatMap((option) =>
      option in call.body ? [[option, call.body[option]]] : [],
    ),
  );
  const index = optionalDoc(call, 'index');
  const answer: Doc = index ? changeIndex(collection, index) : {};
  if (Object.keys(changed).length > 0) {
    const options = { ...collection.spec.options, ...changed };
    if (isDoc(options.validator) && Object.keys(options.validator).length === 0) delete options.validator;
    collection.changeOptions(options);
  }
  await call.server.store.durable();
  return answer;
};

function changeIndex(collection: Collection, change: Doc): Doc {
  const index = collection.indexes.find(
    ({ name, spec }) =>
      name === change.name || (isDoc(change.keyPattern) && equalValues(spec.key, change.keyPattern)),
  );
  if (!index)
    throw new CommandError(
      'IndexNotFound',
      `cannot find index ${JSON.stringify(change.name ?? change.keyPattern)} for ns ${collection.namespace}`,
    );
  const answer: Doc = {};
  const options: Doc = {};
  if (isNumeric(change.expireAfterSeconds)) {
    if (index.expireAfterSeconds !== undefined) answer.expireAfterSeconds_old = index.expireAfterSeconds;
    options.expireAfterSeconds = change.expireAfterSeconds;
    answer.expireAfterSeconds_new = toNumber(change.expireAfterSeconds);
  }
  if (typeof change.hidden === 'boolean') {
    if (index.isIdIndex) throw new CommandError('BadValue', "can't hide _id index");
    answer.hidden_old = index.hidden;
    options.hidden = change.hidden;
    answer.hidden_new = change.hidden;
  }
  collection.changeIndex(index.name, options);
  return answer;
}

/** `listCollections` */
export const listCollections: Command = async (call) => {
  const filter = optionalDoc(call, 'filter');
  const nameOnly = flag(call, 'nameOnly');
  const matches = compileMatcher(filter ?? {});
  const documents = call.server.catalog
    .collections(call.database)
    .map((collection) => describe(collection))
    .filter((description) => matches(description))
    .map((description) => (nameOnly ? { name: description.name, type: description.type } : description))
    .map(encodeDocument);
  return call.server.cursors.firstBatch(streamOf(documents), {
    namespace: `${call.database}.$cmd.listCollections`,
    operation: call.operation,
    batchSize: cursorBatchSize(call),
  });
};

function describe(collection: Collection): Doc {
  const { name, options } = collection.spec;
  const isView = 'viewOn' in options;
  const [idIndex] = collection.indexes;
  return {
    name,
    type: isView ? 'view' : 'collection',
    options,
    info: isView ? { readOnly: true } : { readOnly: false, uuid: collection.uuid },
    ...(idIndex ? { idIndex: idIndex.describe() } : {}),
  };
}

/** `cursor.batchSize` of a command. */
export function cursorBatchSize(call: Call): number | undefined {
  const batchSize = optionalDoc(call, 'cursor')?.batchSize;
  if (batchSize === undefined) return undefined;
  const size = isNumeric(batchSize) ? Math.trunc(toNumber(batchSize)) : NaN;
  if (Number.isNaN(size)) throw new CommandError('TypeMismatch', 'cursor.batchSize field must be a number');
  if (size < 0)
    throw new CommandError(51024, `BSON field 'batchSize' value must be >= 0, actual value '${size}'`);
  return size;
}

/** Documents already there, as a stream. */
export async function* streamOf(documents: readonly Uint8Array[]): DocumentStream {
  await Promise.resolve();
  yield documents;
}

/** `listDatabases` */
export const listDatabases: Command = (call) => {
  if (call.database !== 'admin')
    throw new CommandError('Unauthorized', 'listDatabases may only be run against the admin database.');
  const matches = compileMatcher(optionalDoc(call, 'filter') ?? {});
  const databases = call.server.catalog.databases
    .map((name) => {
      const sizeOnDisk = call.server.catalog.collections(name).reduce((sum, { bytes }) => sum + bytes, 0);
      return { name, sizeOnDisk, empty: false };
    })
    .filter((database) => matches(database));
  if (flag(call, 'nameOnly')) return { databases: databases.map(({ name }) => ({ name })) };
  const totalSize = databases.reduce((sum, { sizeOnDisk }) => sum + sizeOnDisk, 0);
  return { databases, totalSize, totalSizeMb: Math.floor(totalSize / 2 ** 20) };
};
