import { createServer, type AddressInfo, type Socket } from 'node:net';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Server } from './commands/command.js';
import { dispatch } from './commands/dispatch.js';
import { Cursors } from './cursors.js';
import { Expiry } from './expiry.js';
import { Catalog } from './storage/catalog.js';
import { Store } from './storage/store.js';
import { Connection } from './wire/connection.js';

export interface DocumentsOptions {
  /** Directory that the data is kept in; made where there is none. One server at a time can have it. */
  readonly dataDir: string;
  /** Address to listen on; `127.0.0.1` by default. There is no authentication: leave it at loopback. */
  readonly host?: string;
  /** Port to listen on; a free one by default. */
  readonly port?: number;
}

/** A running document server. */
export interface DocumentsServer {
  /** What a MongoDB client connects to. */
  readonly uri: string;
  readonly port: number;
  /** Answers what has been asked, then stops. What was acknowledged is on disk. */
  close(): Promise<void>;
}

/**
 * Starts a server that speaks MongoDB's wire protocol and keeps its documents in LevelDB.
 *
 * @throws where the directory is in use or not writable, or the port is taken.
 * @example
 * const documents = await startDocuments({ dataDir: './data' });
 * await mongoose.connect(documents.uri);
 */
export async function startDocuments({
  dataDir,
  host = '127.0.0.1',
  port = 0,
}: DocumentsOptions): Promise<DocumentsServer> {
  await mkdir(dataDir, { recursive: true });
  const store = await Store.open(path.join(dataDir, 'documents'));
  const catalog = await Catalog.open(store);
  const cursors = new Cursors();
  const sockets = new Set<Socket>();
  const working = new Set<Promise<unknown>>();
  let connections = 0;
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    connections += 1;
    const number = connections;
    new Connection(socket, (request) => {
      const answer = dispatch(server, number, request);
      const settled = answer.catch(() => undefined).finally(() => working.delete(settled));
      working.add(settled);
      return answer;
    });
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject).listen(port, host, resolve);
  }).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  const { port: actual } = listener.address() as AddressInfo;
  const server: Server = { store, catalog, cursors, startedAt: new Date(), port: actual };
  const expiry = new Expiry(server);

  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
    await Promise.all(working);
    for (const socket of sockets) socket.destroy();
    await closed;
    await expiry.close();
    await cursors.close();
    await store.close();
  };
  let closing: Promise<void> | undefined;
  return {
    uri: `mongodb://${host.includes(':') ? `[${host}]` : host}:${actual}/?directConnection=true`,
    port: actual,
    close: () => (closing ??= close()),
  };
}
