import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { NotFoundError } from '../errors.js';
import { filePaths, type FileRelay } from './file-relay.js';
import { type GraphQLOverHttp } from './graphql-over-http.js';
import { type GraphiqlPage } from './graphiql.js';
import { prefersHtml } from './media-types.js';
import { type OperatorGraph } from './operator-graph.js';
import { type OperatorPages } from './operator-pages.js';
import { requestIdOf } from './request-id.js';
import { type WebOrigins } from './web-origins.js';
import { refuseUpgrade, type WebSocketEdge } from './websocket-edge.js';

/** Where the graph is served, over HTTP and WebSocket. */
export const graphPath = '/graphql';
/** Where operators see and change the supergraph. */
const operatorPath = '/operator/graph';
/** Where every answer is a stream of server-sent events. */
export const streamPath = '/graphql/stream';

/** @see HttpEdge */
export interface HttpEdgeOptions {
  readonly graph: GraphQLOverHttp;
  readonly sockets: WebSocketEdge;
  readonly origins: WebOrigins;
  readonly pages: OperatorPages;
  readonly operatorGraph: OperatorGraph;
  /** Absent where no subgraph keeps files. */
  readonly files?: FileRelay;
  /** Absent where browsers get no GraphiQL. */
  readonly graphiql?: GraphiqlPage;
  readonly limits: HttpServerLimits;
}

/** Bounds that the HTTP server itself holds. */
export interface HttpServerLimits {
  readonly maxHeaderBytes: number;
  /** The header must be there within this time, in milliseconds. */
  readonly headersTimeoutMs: number;
  /** The whole request must be there within this time, in milliseconds. */
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
}

/** The router's one HTTP server: decides by path who answers. */
export class HttpEdge {
  readonly #options: HttpEdgeOptions;
  readonly #server: Server;
  #closing = false;

  constructor(options: HttpEdgeOptions) {
    this.#options = options;
    const { limits } = options;
    this.#server = createServer(
      {
        maxHeaderSize: limits.maxHeaderBytes,
        headersTimeout: limits.headersTimeoutMs,
        requestTimeout: limits.requestTimeoutMs,
        keepAliveTimeout: limits.keepAliveTimeoutMs,
        connectionsCheckingInterval: Math.min(limits.headersTimeoutMs, 5_000),
      },
      (request, response) => void this.#serve(request, response),
    );
    this.#server.on('upgrade', (request, socket, head) => {
      if (pathOf(request)?.pathname === graphPath) options.sockets.upgrade(request, socket, head);
      else refuseUpgrade(socket, 404);
    });
  }

  /** Begins to serve; answers the address. */
  async listen(port: number, host: string): Promise<AddressInfo> {
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    return this.#server.address() as AddressInfo;
  }

  /** Takes no more connections and resolves when the last one has closed; idle ones are closed. */
  async close(): Promise<void> {
    this.#closing = true;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeIdleConnections();
    await closed;
  }

  /** Closes what is still open. */
  terminate(): void {
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = requestIdOf(request);
    response.setHeader('x-request-id', requestId);
    response.setHeader('x-content-type-options', 'nosniff');
    // A client that has gone is seen by whoever answers it.
    response.on('error', () => undefined);
    response.once('close', () => {
      // While closing, a kept connection would only hold things up once its last answer is given.
      if (this.#closing) setImmediate(() => this.#server.closeIdleConnections());
    });
    const { graph, pages, operatorGraph } = this.#options;
    try {
      const url = pathOf(request);
      const path = url?.pathname ?? '';
      if (url && (path === graphPath || path === streamPath || path.startsWith(`${streamPath}/`))) {
        await this.#serveGraph(request, response, url, requestId);
      } else if (url && filePaths.some((prefix) => path.startsWith(prefix))) {
        await this.#serveFile(request, response, url, requestId);
      } else if (path === operatorPath || path.startsWith(`${operatorPath}/`)) {
        await operatorGraph.serve(path.slice(operatorPath.length), request, response);
      } else if (!(await pages.serve(path, request, response))) throw new NotFoundError();
    } catch (error) {
      graph.refuse(response, error, 'application/json', requestId);
    } finally {
      // A body that nobody wanted is not kept waiting for; the connection can serve on.
      request.resume();
    }
  }

  async #serveFile(request: IncomingMessage, response: ServerResponse, url: URL, requestId: string) {
    const { files, origins } = this.#options;
    if (!files) throw new NotFoundError();
    if (request.method === 'OPTIONS') {
      files.announce(response, url);
      origins.preflight(request, response, 'files');
      return;
    }
    origins.check(request);
    origins.annotate(request, response);
    await files.serve(request, response, url, requestId);
  }

  async #serveGraph(request: IncomingMessage, response: ServerResponse, url: URL, requestId: string) {
    const { graph, origins, graphiql } = this.#options;
    if (request.method === 'OPTIONS') {
      origins.preflight(request, response);
      return;
    }
    origins.check(request);
    origins.annotate(request, response);
    const visited = request.method === 'GET' && prefersHtml(request.headers.accept) && url.search === '';
    const stream = url.pathname.startsWith(`${streamPath}/`)
      ? url.pathname.slice(streamPath.length + 1)
      : undefined;
    if (stream !== undefined) await graph.renew(request, response, stream, requestId);
    else if (visited && graphiql && url.pathname === graphPath) await graphiql.serve(request, response);
    else await graph.serve(request, response, url, requestId, url.pathname === streamPath);
  }
}

/** The address asked for; undefined where it is none. */
function pathOf({ url = '/' }: IncomingMessage): URL | undefined {
  const base = 'http://router.invalid';
  return URL.canParse(url, base) ? new URL(url, base) : undefined;
}
