import mongoose, { type Connection } from 'mongoose';
import { DocumentsUnavailableError } from './errors.js';

export interface DocumentsOptions {
  /** Connections to the server at most. */
  readonly poolSize?: number;
  /** Milliseconds to wait for a server, at the start and for each operation. */
  readonly timeoutMs?: number;
}

/** A database of its own for one subgraph, on a mongoose connection of its own. */
export interface Documents {
  /** Models and collections are made on this. */
  readonly connection: Connection;
  /** True if the server answers. */
  healthy(): Promise<boolean>;
  close(): Promise<void>;
}

// What the driver throws when there is no server, rather than when a server says no.
const networkFailures: readonly (abstract new (...args: never[]) => Error)[] = [
  mongoose.mongo.MongoNetworkError,
  mongoose.mongo.MongoServerSelectionError,
  mongoose.mongo.MongoNotConnectedError,
  mongoose.mongo.MongoTopologyClosedError,
  mongoose.Error.MongooseServerSelectionError,
];

// A socket that the server has ended fails a write before the driver has heard of it.
const socketFailures: ReadonlySet<unknown> = new Set(['EPIPE', 'ECONNRESET', 'ECONNREFUSED']);

/** True if an operation failed for want of a server: worth another try, and not the operation's own fault. */
export function isDocumentsUnavailable(error: unknown): boolean {
  if (error instanceof DocumentsUnavailableError) return true;
  // A bulk write reports a lost connection as its own failure, and what was lost as the server's answer.
  const failure: unknown = error instanceof mongoose.mongo.MongoBulkWriteError ? error.errorResponse : error;
  if (networkFailures.some((network) => failure instanceof network)) return true;
  return (
    typeof failure === 'object' && failure !== null && 'code' in failure && socketFailures.has(failure.code)
  );
}

/** The failure as {@link DocumentsUnavailableError} if it was for want of a server, else as it is. */
export function asDocumentsFailure(error: unknown): unknown {
  if (!isDocumentsUnavailable(error) || error instanceof DocumentsUnavailableError) return error;
  return new DocumentsUnavailableError('The document server does not answer; try again later.', {
    cause: error,
  });
}

/** Runs an operation; a failure for want of a server becomes {@link DocumentsUnavailableError}, others pass. */
export async function withDocuments<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw asDocumentsFailure(error);
  }
}

/**
 * Connects to database `name` of the server at `uri`.
 * @throws {@link DocumentsUnavailableError} if no server answers in time.
 */
export async function connectDocuments(
  uri: string,
  name: string,
  options: DocumentsOptions = {},
): Promise<Documents> {
  const timeoutMs = options.timeoutMs ?? 5_000;
  const connection = mongoose.createConnection(uri, {
    dbName: name,
    maxPoolSize: options.poolSize ?? 20,
    serverSelectionTimeoutMS: timeoutMs,
    connectTimeoutMS: timeoutMs,
    // Operations wait for a server as long as selection does, never in a queue of mongoose's own.
    bufferCommands: false,
    autoIndex: true,
  });
  try {
    await withDocuments(() => connection.asPromise());
  } catch (error) {
    await connection.close(true).catch(() => undefined);
    throw error;
  }
  return {
    connection,
    healthy: async () => {
      try {
        await connection.db?.admin().ping();
        return connection.db !== undefined;
      } catch {
        return false;
      }
    },
    close: () => connection.close(),
  };
}
