import type { Doc } from '../bson/value.js';
import { CommandError } from '../errors.js';

/** Fields that any command may have. */
const GENERIC: ReadonlySet<string> = new Set([
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
  'autocommit',
  'comment',
  'databaseVersion',
  'help',
  'lsid',
  'maxTimeMS',
  'maxTimeMSOpOnly',
  'mayBypassWriteBlocking',
  'rawData',
  'readConcern',
  'serialization',
  'shardVersion',
  'startTransaction',
  'stmtId',
  'stmtIds',
  'txnNumber',
  'writeConcern',
]);

const WRITE = ['ordered', 'bypassDocumentValidation', 'let', 'isTimeseriesNamespace'];
const FIND =
  'filter projection sort hint skip limit batchSize singleBatch max min returnKey showRecordId tailable oplogReplay noCursorTimeout awaitData allowPartialResults collation allowDiskUse let ntoreturn';
const FIND_AND_MODIFY =
  'query sort remove update new fields upsert bypassDocumentValidation arrayFilters collation hint let';

const fields = (names: string): ReadonlySet<string> => new Set(names.split(' '));

/** What each command takes besides its own name and the generic fields. Commands that are not listed take anything. */
const FIELDS: Readonly<Record<string, ReadonlySet<string>>> = {
  find: fields(FIND),
  count: fields('query limit skip hint collation fields'),
  distinct: fields('key query collation hint'),
  aggregate: fields(
    'pipeline explain allowDiskUse cursor hint bypassDocumentValidation collation let needsMerge fromMongos',
  ),
  insert: new Set([...WRITE, 'documents']),
  update: new Set([...WRITE, 'updates']),
  delete: new Set([...WRITE, 'deletes']),
  findAndModify: fields(FIND_AND_MODIFY),
  findandmodify: fields(FIND_AND_MODIFY),
  bulkWrite: fields('ops nsInfo cursor bypassDocumentValidation ordered let errorsOnly'),
  getMore: fields('collection batchSize term lastKnownCommittedOpTime'),
  killCursors: fields('cursors'),
  createIndexes: fields('indexes commitQuorum ignoreUnknownIndexOptions'),
  dropIndexes: fields('index'),
  listIndexes: fields('cursor includeBuildUUIDs includeIndexBuildInfo'),
  listCollections: fields('filter nameOnly authorizedCollections cursor includePendingDrops'),
  listDatabases: fields('filter nameOnly authorizedDatabases'),
  drop: fields('cursor'),
  dropDatabase: fields('dropPendingCollections'),
  renameCollection: fields('to dropTarget stayTemp'),
  collStats: fields('scale waitForLock numericOnly'),
  dbStats: fields('scale freeStorage'),
  ping: fields('cursor'),
  buildInfo: fields('cursor'),
  explain: fields('verbosity'),
  endSessions: fields('cursor'),
};

/**
 * Refuses a field that a command does not know, before the command does anything.
 *
 * @throws {@link CommandError} 40415
 */
export function assertKnownFields(name: string, body: Doc): void {
  const known = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
  if (!known) return;
  const unknown = Object.keys(body).find(
    (field) => field !== name && !field.startsWith('$') && !known.has(field) && !GENERIC.has(field),
  );
  if (unknown !== undefined)
    throw new CommandError('IDLUnknownField', `BSON field '${name}.${unknown}' is an unknown field.`);
}
