import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo } from 'node:net';
import { Authority } from './authority.js';
import { type CaDescription, type ListenerDescription } from './description.js';
import { CaUnavailableError, reasonOf } from './errors.js';
import { Router } from './http/router.js';
import { type Log } from './log.js';
import { CaStore } from './store/ca-store.js';

export interface CaServerOptions {
  readonly description: CaDescription;
  /** Where identities and certificates are kept. */
  readonly dataFolder: string;
  readonly log: Log;
}

/** Running authorities. */
export interface CaServer {
  /** Of each listener, `https://host:port`. */
  readonly urls: Readonly<Record<string, string>>;
  /** Ends what is being answered, then closes the data. */
  close(): Promise<void>;
}

/** Connections of one listener; each can hold one body in memory. */
const mostConnections = 256;
/** Milliseconds for a whole request to arrive, and of those for its headers. */
const requestTimeout = 30_000;
const headersTimeout = 10_000;
/** Milliseconds that a connection is kept for the next request. */
const keepAliveTimeout = 5_000;
/** Milliseconds for what is being answered when the server closes. */
const closeTimeout = 5_000;

/**
 * Serves the authorities of a description, all in this process and on one store.
 * @throws `CaConfigurationError` for keys that do not work; `CaUnavailableError` for data or addresses that are taken.
 */
export async function startCaServer({ description, dataFolder, log }: CaServerOptions): Promise<CaServer> {
  const store = await CaStore.open(dataFolder);
  const servers: Server[] = [];
  const close = async () => {
    await Promise.all(servers.map(closeServer));
    await store.close();
  };
  try {
    const urls: Record<string, string> = {};
    for (const [name, listener] of Object.entries(description.listeners)) {
      const authorities: Authority[] = [];
      for (const each of listener.authorities) authorities.push(await Authority.open(each, store));
      const router = new Router(authorities, log);
      const server = await createListener(listener, (request, response) => {
        void router.handle(request, response);
      });
      servers.push(server);
      urls[name] = await listen(server, listener);
    }
    return { urls, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function createListener({ tls }: ListenerDescription, handle: RequestListener): Promise<Server> {
  const options = { requestTimeout, headersTimeout, keepAliveTimeout, maxHeaderSize: 32 * 1024 };
  const server = tls
    ? createTlsServer(
        {
          ...options,
          cert: await readFile(tls.certificate),
          key: await readFile(tls.privateKey),
          minVersion: 'TLSv1.2',
          handshakeTimeout: headersTimeout,
        },
        handle,
      )
    : createServer(options, handle);
  server.maxConnections = mostConnections;
  return server;
}

async function listen(server: Server, { address, tls }: ListenerDescription): Promise<string> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  try {
    server.listen(Number(address.slice(colon + 1)), host);
    await once(server, 'listening');
  } catch (error) {
    throw new CaUnavailableError(`${address} cannot be listened on: ${reasonOf(error)}`, { cause: error });
  }
  const { port } = server.address() as AddressInfo;
  return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), closeTimeout);
  await closed;
  clearTimeout(timer);
}
