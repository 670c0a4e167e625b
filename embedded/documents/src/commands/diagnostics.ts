import { hostname } from 'node:os';
import { Long } from 'bson';
import { MAX_DOCUMENT_BYTES } from '../bson/encode.js';
import { whole, type Doc } from '../bson/value.js';
import { CommandError } from '../errors.js';
import type { Collection } from '../storage/collection.js';
import { indexPrefix, prefixRange } from '../storage/keys.js';
import { MAX_MESSAGE_BYTES } from '../wire/message.js';
import { MAX_STATEMENTS, collectionName, optionalCount } from './arguments.js';
import type { Call, Command } from './command.js';

/** The version of MongoDB whose behaviour clients may count on. */
const VERSION = [8, 0, 0, 0] as const;
/** The wire version of {@link VERSION}. */
const MAX_WIRE_VERSION = 25;
const SESSION_TIMEOUT_MINUTES = 30;

/**
 * `hello` and its older names: a server by itself, in no replica set, so drivers ask for no transactions. No compression is offered,
 * and no `topologyVersion`, so drivers poll instead of streaming.
 */
export const hello: Command = (call) => ({
  helloOk: true,
  ...(call.name === 'hello' ? { isWritablePrimary: true } : { ismaster: true }),
  maxBsonObjectSize: MAX_DOCUMENT_BYTES,
  maxMessageSizeBytes: MAX_MESSAGE_BYTES,
  maxWriteBatchSize: MAX_STATEMENTS,
  localTime: new Date(),
  logicalSessionTimeoutMinutes: SESSION_TIMEOUT_MINUTES,
  connectionId: call.connection,
  minWireVersion: 0,
  maxWireVersion: MAX_WIRE_VERSION,
  readOnly: false,
});

export const buildInfo: Command = () => ({
  version: VERSION.slice(0, 3).join('.'),
  versionArray: [...VERSION],
  gitVersion: '',
  modules: [],
  javascriptEngine: 'none',
  storageEngines: ['leveldb'],
  bits: 64,
  debug: false,
  maxBsonObjectSize: MAX_DOCUMENT_BYTES,
});

export const ping: Command = () => ({});

export const connectionStatus: Command = () => ({
  authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] },
});

export const serverStatus: Command = ({ server }) => ({
  host: `${hostname()}:${server.port}`,
  version: VERSION.slice(0, 3).join('.'),
  process: 'mongod',
  pid: Long.fromNumber(process.pid),
  uptime: Math.floor((Date.now() - server.startedAt.getTime()) / 1000),
  localTime: new Date(),
  metrics: { cursor: { open: { total: Long.fromNumber(server.cursors.size) } } },
  mem: { bits: 64, resident: Math.floor(process.memoryUsage.rss() / 2 ** 20) },
  storageEngine: { name: 'leveldb', persistent: true, supportsCommittedReads: true },
});

export const hostInfo: Command = () => ({
  system: { currentTime: new Date(), hostname: hostname(), cpuAddrSize: 64 },
  os: { type: process.platform, name: process.platform, version: process.version },
  extra: {},
});

export const whatsMyUri: Command = ({ server }) => ({ you: `127.0.0.1:${server.port}` });

export const getParameter: Command = ({ body }) =>
  'featureCompatibilityVersion' in body || body.getParameter === '*'
    ? { featureCompatibilityVersion: { version: '8.0' } }
    : Promise.reject(new CommandError('InvalidOptions', 'no option found to get'));

export const getLog: Command = () => ({ totalLinesWritten: 0, log: [] });

/** Sessions are taken and not kept: without transactions and retries nothing depends on them. */
export const endSessions: Command = () => ({});
export const startSession: Command = () =>
  Promise.reject(new CommandError('CommandNotSupported', 'sessions are made by drivers'));
export const refreshSessions: Command = () => ({});

async function sizesOf(call: Call, collection: Collection): Promise<Doc> {
  const sizes: Doc = {};
  for (const index of collection.indexes)
    sizes[index.name] = whole(
      await call.server.store.size(prefixRange(indexPrefix(collection.spec.id, index.id))),
    );
  return sizes;
}

const totalOf = (sizes: Doc): number =>
  Object.values(sizes).reduce<number>((sum, size) => sum + Number(size), 0);

/** `collStats` */
export const collStats: Command = async (call) => {
  const name = collectionName(call);
  const collection = call.server.catalog.find(call.database, name);
  const scaleFactor = Math.max(optionalCount(call, 'scale') ?? 1, 1);
  const scaled = (bytes: number): number | Long => whole(Math.floor(bytes / scaleFactor));
  const ns = `${call.database}.${name}`;
  if (!collection)
    return {
      ns,
      size: 0,
      count: 0,
      numOrphanDocs: 0,
      storageSize: 0,
      totalSize: 0,
      nindexes: 0,
      totalIndexSize: 0,
      indexDetails: {},
      indexSizes: {},
      scaleFactor,
    };
  const indexSizes = await sizesOf(call, collection);
  const totalIndexSize = totalOf(indexSizes);
  return {
    ns,
    size: scaled(collection.bytes),
    count: whole(collection.count),
    ...(collection.count > 0 ? { avgObjSize: Math.floor(collection.bytes / collection.count) } : {}),
    numOrphanDocs: 0,
    storageSize: scaled(collection.bytes),
    capped: false,
    nindexes: collection.indexes.length,
    indexBuilds: [],
    totalIndexSize: scaled(totalIndexSize),
    totalSize: scaled(collection.bytes + totalIndexSize),
    indexSizes,
    scaleFactor,
  };
};

/** `dbStats` */
export const dbStats: Command = async (call) => {
  const scaleFactor = Math.max(optionalCount(call, 'scale') ?? 1, 1);
  const all = call.server.catalog.collections(call.database);
  const collections = all.filter(({ spec }) => !('viewOn' in spec.options));
  let indexSize = 0;
  for (const collection of collections) indexSize += totalOf(await sizesOf(call, collection));
  const objects = collections.reduce((sum, { count }) => sum + count, 0);
  const dataSize = collections.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    db: call.database,
    collections: collections.length,
    views: all.length - collections.length,
    objects: whole(objects),
    avgObjSize: objects === 0 ? 0 : dataSize / objects,
    dataSize: whole(Math.floor(dataSize / scaleFactor)),
    storageSize: whole(Math.floor(dataSize / scaleFactor)),
    indexes: collections.reduce((sum, { indexes }) => sum + indexes.length, 0),
    indexSize: whole(Math.floor(indexSize / scaleFactor)),
    totalSize: whole(Math.floor((dataSize + indexSize) / scaleFactor)),
    scaleFactor,
  };
};

/** `validate`: counts what is there. */
export const validate: Command = (call) => {
  const name = collectionName(call);
  const collection = call.server.catalog.find(call.database, name);
  if (!collection)
    throw new CommandError(
      'NamespaceNotFound',
      `Collection '${call.database}.${name}' does not exist to validate.`,
    );
  return {
    ns: collection.namespace,
    nrecords: whole(collection.count),
    nIndexes: collection.indexes.length,
    valid: true,
    warnings: [],
    errors: [],
  };
};
