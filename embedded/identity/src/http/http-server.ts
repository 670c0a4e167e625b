import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { errors } from 'oidc-provider';
import { IdentityStartError, reasonOf } from '../errors.js';
import { type Log } from '../log.js';
import { expiredPage, messagePage } from '../pages/message-pages.js';
import { filled, textsIn } from '../pages/texts/index.js';
import { BadRequest } from './bad-request.js';
import { Exchange } from './exchange.js';
import { type RequestLimit } from './request-limit.js';
import { type Routes } from './routes.js';

export interface HttpServerParts {
  readonly issuer: string;
  readonly routes: Routes;
  /** Handles what no route does: the endpoints of the protocol. */
  readonly protocol: (request: IncomingMessage, response: ServerResponse) => void;
  readonly limit: RequestLimit;
  /** A proxy stands in front, and says whom it speaks for. */
  readonly behindProxy: boolean;
  readonly log: Log;
}

const mostConnections = 1_024;
const closeTimeout = 5_000;

/** What a person may guess at: passwords, codes, invitations. */
const isGuess = (method: string | undefined, pathname: string): boolean =>
  (method === 'POST' && /^\/(interaction|claim|device|token)\b/.test(pathname)) ||
  pathname.startsWith('/claim/');

/** The provider's one listener. */
export class HttpServer {
  readonly #server: Server;

  constructor(parts: () => HttpServerParts) {
    this.#server = createServer(
      { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 5_000, maxHeaderSize: 32 * 1024 },
      (request, response) => void handle(parts(), request, response),
    );
    this.#server.maxConnections = mostConnections;
  }

  /** @returns the port. @throws {@link IdentityStartError} if the address is taken. */
  async listen(host: string, port: number): Promise<number> {
    try {
      this.#server.listen(port, host);
      await once(this.#server, 'listening');
    } catch (error) {
      throw new IdentityStartError(`${host}:${port} cannot be listened on: ${reasonOf(error)}`, {
        cause: error,
      });
    }
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), closeTimeout);
    await closed;
    clearTimeout(timer);
  }
}

async function handle(
  parts: HttpServerParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { issuer, routes, protocol, limit, log } = parts;
  const pathname = URL.parse(request.url ?? '', issuer)?.pathname ?? '';
  const exchange = new Exchange(request, response, issuer);
  const texts = textsIn(exchange.language);
  const wait = isGuess(request.method, pathname) ? limit.take(addressOf(parts, request)) : 0;
  if (wait > 0) {
    const seconds = Math.ceil(wait / 1000);
    response.setHeader('retry-after', seconds);
    exchange.page(429, messagePage(texts, texts.failed, filled(texts.tooManyAttempts, { seconds })));
    return;
  }
  const route = routes.find(request.method, pathname);
  if (!route) {
    protocol(request, response);
    return;
  }
  try {
    await route(exchange);
  } catch (error) {
    if (response.headersSent) response.destroy();
    else if (error instanceof errors.SessionNotFound) exchange.page(410, expiredPage(texts));
    else if (error instanceof BadRequest)
      exchange.page(
        400,
        messagePage(texts, texts.failed, filled(texts.failedHow, { reason: error.message })),
      );
    else {
      log.warn('request.failed', { pathname, reason: reasonOf(error) });
      exchange.page(500, messagePage(texts, texts.failed, texts.expiredHow));
    }
  }
}

/** Who asks: behind a proxy, whom the one nearest to us names. */
function addressOf({ behindProxy }: HttpServerParts, { headers, socket }: IncomingMessage): string {
  const forwarded = behindProxy ? headers['x-forwarded-for'] : undefined;
  const last = (Array.isArray(forwarded) ? forwarded.join(',') : forwarded)?.split(',').at(-1)?.trim();
  return last ?? socket.remoteAddress ?? '';
}
