import { type IncomingMessage, type ServerResponse } from 'node:http';
import { OriginRefusedError } from '../errors.js';
import { streamIdHeader } from './event-stream.js';

/** What pages of other origins may send, and read of an answer. */
const corsOf = {
  graph: { methods: 'GET, POST', headers: 'authorization, content-type, x-request-id' },
  files: {
    methods: 'GET, HEAD, PATCH, POST, DELETE',
    headers:
      'authorization, content-type, range, tus-resumable, upload-offset, x-http-method-override, x-request-id',
  },
} as const;
const exposedHeaders = `x-request-id, ${streamIdHeader}, content-disposition, content-range, tus-extension, tus-resumable, tus-version, upload-length, upload-offset`;

/**
 * Which web pages may use the graph. Tokens come in the `Authorization` header, never in cookies, so a foreign page has
 * nothing of the user's to send along; refusing it all the same also covers what CORS does not: WebSockets, and requests
 * whose answer the page does not need to read.
 */
export class WebOrigins {
  readonly #allowed: ReadonlySet<string>;

  /** @param allowed origins such as `https://portal.example.org`, or `*` for all; the router's own is always allowed. */
  constructor(allowed: readonly string[]) {
    this.#allowed = new Set(allowed);
  }

  /** @throws {@link OriginRefusedError} */
  check({ headers }: IncomingMessage): void {
    const { origin } = headers;
    if (origin === undefined) {
      // Pages can omit the origin only where they embed the address, as an image or a script.
      const embedded = headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-mode'] === 'no-cors';
      if (embedded) throw new OriginRefusedError();
    } else if (!this.#allows(origin) && !isOwn(origin, headers.host)) throw new OriginRefusedError();
  }

  /** Sets the CORS headers of an answer to an allowed origin. */
  annotate({ headers }: IncomingMessage, response: ServerResponse): void {
    response.setHeader('vary', 'Origin');
    const { origin } = headers;
    if (origin === undefined || !this.#allows(origin)) return;
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('access-control-expose-headers', exposedHeaders);
  }

  /** Answers a preflight. */
  preflight(request: IncomingMessage, response: ServerResponse, of: keyof typeof corsOf = 'graph'): void {
    this.annotate(request, response);
    if (response.hasHeader('access-control-allow-origin')) {
      response.setHeader('access-control-allow-methods', corsOf[of].methods);
      response.setHeader('access-control-allow-headers', corsOf[of].headers);
      response.setHeader('access-control-max-age', '600');
    }
    response.writeHead(204).end();
  }

  #allows(origin: string): boolean {
    return this.#allowed.has('*') || this.#allowed.has(origin);
  }
}

function isOwn(origin: string, host: string | undefined): boolean {
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}
