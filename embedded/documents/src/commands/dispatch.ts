import { toNumber } from '../bson/exact.js';
import { isNumeric, isNullish, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { Operation } from '../operation.js';
import type { Request } from '../wire/message.js';
import { aggregate } from './aggregate.js';
import { bulkWrite } from './bulk-write.js';
import { assertKnownFields } from './command-fields.js';
import {
  collMod,
  create,
  drop,
  dropDatabase,
  listCollections,
  listDatabases,
  renameCollection,
} from './collections.js';
import type { Command, Server } from './command.js';
import * as diagnostics from './diagnostics.js';
import { explain } from './explain.js';
import { findAndModify } from './find-and-modify.js';
import { count, distinct, find, getMore, killCursors } from './find.js';
import { createIndexes, dropIndexes, listIndexes } from './indexes.js';
import { insert } from './insert.js';
import { deleteDocuments, update } from './update.js';

const noTransactions: Command = () => {
  throw new CommandError('TransactionNotSupported', 'This server does not support transactions');
};

/** The commands by name. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  hello: diagnostics.hello,
  isMaster: diagnostics.hello,
  ismaster: diagnostics.hello,
  ping: diagnostics.ping,
  buildInfo: diagnostics.buildInfo,
  buildinfo: diagnostics.buildInfo,
  connectionStatus: diagnostics.connectionStatus,
  serverStatus: diagnostics.serverStatus,
  hostInfo: diagnostics.hostInfo,
  whatsmyuri: diagnostics.whatsMyUri,
  getParameter: diagnostics.getParameter,
  getLog: diagnostics.getLog,
  endSessions: diagnostics.endSessions,
  killSessions: diagnostics.endSessions,
  refreshSessions: diagnostics.refreshSessions,
  startSession: diagnostics.startSession,
  collStats: diagnostics.collStats,
  dbStats: diagnostics.dbStats,
  validate: diagnostics.validate,
  listDatabases,
  listCollections,
  create,
  drop,
  dropDatabase,
  renameCollection,
  collMod,
  createIndexes,
  listIndexes,
  dropIndexes,
  deleteIndexes: dropIndexes,
  insert,
  update,
  delete: deleteDocuments,
  findAndModify,
  findandmodify: findAndModify,
  find,
  getMore,
  killCursors,
  count,
  distinct,
  aggregate,
  bulkWrite,
  explain,
  commitTransaction: noTransactions,
  abortTransaction: noTransactions,
};

/** Commands that a legacy query may still ask. */
const LEGACY = new Set(['hello', 'isMaster', 'ismaster']);

/**
 * Carries out a request.
 *
 * @throws {@link CommandError} where it is refused.
 */
export async function dispatch(
  server: Server,
  connection: number,
  request: Request,
): Promise<Doc | Uint8Array> {
  const { body, sequences } = request;
  const [name = ''] = Object.keys(body);
  if (request.form === 'query' && !(LEGACY.has(name) && request.namespace?.endsWith('.$cmd')))
    throw new CommandError(
      352,
      `Unsupported OP_QUERY command: ${name}. The client driver may require an upgrade.`,
    );
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw new CommandError('CommandNotFound', `no such command: '${name}'`);
  assertKnownFields(name, body);
  refuseTransactions(body);
  const database = databaseOf(request);
  const call = {
    server,
    database,
    name,
    body,
    sequences,
    operation: new Operation(timeLimit(body.maxTimeMS)),
    connection,
  };
  const answer = await command(call);
  return answer instanceof Uint8Array ? answer : { ...answer, ok: 1 };
}

function refuseTransactions(body: Doc): void {
  if (body.txnNumber !== undefined || body.startTransaction !== undefined || body.autocommit !== undefined)
    throw new CommandError(
      'IllegalOperation',
      'Transaction numbers are only allowed on a replica set member or mongos',
    );
  const { readConcern } = body;
  if (
    typeof readConcern === 'object' &&
    readConcern !== null &&
    'level' in readConcern &&
    readConcern.level === 'snapshot'
  )
    throw new CommandError(246, 'cannot satisfy snapshot read concern on a server by itself');
}

function databaseOf({ body, namespace }: Request): string {
  const database = body.$db ?? namespace?.split('.')[0];
  if (typeof database !== 'string') throw new CommandError(40571, 'OP_MSG requests require a $db argument');
  return database;
}

function timeLimit(value: Value): number | undefined {
  if (isNullish(value)) return undefined;
  const millis = isNumeric(value) ? toNumber(value) : NaN;
  if (!Number.isInteger(millis)) throw new CommandError('BadValue', 'maxTimeMS has non-integral value');
  if (millis < 0 || millis > 0x7fffffff)
    throw new CommandError('BadValue', `${millis} value for maxTimeMS is out of range [0, 2147483647]`);
  return millis;
}
