import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import { SpanKind } from '@opentelemetry/api';
import { PlatformError } from '../errors/index.js';
import { assertedPage, assertionHeader, type Caller } from '../identity/index.js';
import { contextOfHeaders, inSpan } from '../telemetry/tracing.js';
import { type CallerCheck } from './caller-check.js';
import { BodyTooLarge, refusalOf } from './refusal.js';

/** What a subgraph serves over HTTP beside its graph, for callers with a token. */
export interface HttpPages<Context> {
  /** Beginnings of the paths that it answers. */
  readonly paths: readonly string[];
  /** Answers; a {@link PlatformError} thrown before is told to the caller. */
  serve(request: IncomingMessage, response: ServerResponse, url: URL, context: Context): Promise<void>;
}

/** What an endpoint answers with. */
export interface HttpEndpointOptions<Context extends object> {
  readonly apollo: ApolloServer<Context>;
  /** Most bytes of a request's body. */
  readonly bodyLimit: number;
  readonly callers: CallerCheck;
  readonly createContext: (caller: Caller) => Context;
  readonly pages?: HttpPages<Context>;
  /** Name to whether what it stands for answers. */
  readonly readiness: () => Promise<Record<string, boolean>>;
}

class BodyInvalid extends PlatformError {
  constructor(options: ErrorOptions) {
    super('BAD_REQUEST', 'The body is not JSON.', options);
  }
}

const statusOfCode: Readonly<Record<string, number>> = {
  BODY_TOO_LARGE: 413,
  BAD_REQUEST: 400,
  UNAUTHENTICATED: 401,
  IDENTITY_UNAVAILABLE: 503,
};

/** Request listener of a subgraph: `POST /graphql`, `GET /health`, `GET /ready`. */
export class HttpEndpoint<Context extends object> {
  readonly #options: HttpEndpointOptions<Context>;

  constructor(options: HttpEndpointOptions<Context>) {
    this.#options = options;
  }

  readonly listener = (request: IncomingMessage, response: ServerResponse): void => {
    this.#route(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendError(response, error);
    });
  };

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://subgraph');
    const { pathname, search } = url;
    const { pages } = this.#options;
    if (pathname === '/graphql') await this.#answerGraphql(request, response, search);
    else if (pathname === '/health') sendJson(response, 200, { status: 'ok' });
    else if (pathname === '/ready') await this.#answerReadiness(response);
    else if (pages?.paths.some((path) => pathname.startsWith(path)))
      await pages.serve(request, response, url, await this.#contextOfPage(request));
    else
      sendJson(response, 404, {
        errors: [{ message: 'There is nothing here.', extensions: { code: 'NOT_FOUND' } }],
      });
  }

  async #answerReadiness(response: ServerResponse): Promise<void> {
    const checks = await this.#options.readiness();
    const ready = Object.values(checks).every(Boolean);
    sendJson(response, ready ? 200 : 503, { status: ready ? 'ready' : 'not ready', checks });
  }

  /** Who the token of a request names, before any of the request is read. */
  async #named(request: IncomingMessage): Promise<Caller | undefined> {
    return this.#options.callers.authenticate(request.headers.authorization).catch((error: unknown) => {
      // A refused request is not read: its body may be anything.
      request.resume();
      throw error;
    });
  }

  /** What is known of a request whose body is streamed, before any of it is read. */
  async #contextOfPage(request: IncomingMessage): Promise<Context> {
    const named = await this.#named(request);
    try {
      return this.#contextOf(request, named, assertedPage(request.method ?? 'GET', request.url ?? '/'));
    } catch (error) {
      request.resume();
      throw error;
    }
  }

  /** What is known of a request: who asks, confirmed with the body or what stands for it. */
  #contextOf({ headers }: IncomingMessage, named: Caller | undefined, body: string | undefined): Context {
    const { callers, createContext } = this.#options;
    return createContext(callers.confirm(named, headers[assertionHeader], body));
  }

  async #answerGraphql(request: IncomingMessage, response: ServerResponse, search: string): Promise<void> {
    const { apollo, bodyLimit } = this.#options;
    const named = await this.#named(request);
    const sent = request.method === 'POST' ? await readBody(request, bodyLimit) : undefined;
    const context = this.#contextOf(request, named, sent);
    const headers = new HeaderMap();
    for (const [name, value] of Object.entries(request.headers))
      if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
    const httpGraphQLRequest = {
      method: request.method ?? 'GET',
      headers,
      search,
      body: sent === undefined ? undefined : parseJson(sent),
    };
    const {
      status,
      headers: answered,
      body,
    } = await inSpan(
      { name: 'subgraph operation', kind: SpanKind.SERVER, parent: contextOfHeaders(request.headers) },
      () =>
        apollo.executeHTTPGraphQLRequest({
          httpGraphQLRequest,
          context: () => Promise.resolve(context),
        }),
    );
    response.statusCode = status ?? 200;
    for (const [name, value] of answered) response.setHeader(name, value);
    if (body.kind === 'complete') response.end(body.string);
    else {
      for await (const chunk of body.asyncIterator) response.write(chunk);
      response.end();
    }
  }
}

async function readBody(request: IncomingMessage, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new BodyTooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new BodyInvalid({ cause });
  }
}

function sendError(response: ServerResponse, error: unknown): void {
  const refusal = refusalOf(error);
  const status = statusOfCode[refusal.extensions.code] ?? 500;
  // The rest of a body that was not read would be taken for the next request.
  if (status === 413) response.setHeader('connection', 'close');
  sendJson(response, status, { errors: [refusal] });
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}
