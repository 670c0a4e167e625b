import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import { PlatformError } from '../errors/index.js';
import { assertionHeader, type Caller } from '../identity/index.js';
import { type CallerCheck } from './caller-check.js';

/** What an endpoint answers with. */
export interface HttpEndpointOptions<Context extends object> {
  readonly apollo: ApolloServer<Context>;
  /** Most bytes of a request's body. */
  readonly bodyLimit: number;
  readonly callers: CallerCheck;
  readonly createContext: (caller: Caller) => Context;
  /** Name to whether what it stands for answers. */
  readonly readiness: () => Promise<Record<string, boolean>>;
}

class BodyTooLarge extends PlatformError {
  constructor(limit: number) {
    super('BODY_TOO_LARGE', `The body is larger than ${limit} bytes; send less at a time.`);
  }
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
    const { pathname, search } = new URL(request.url ?? '/', 'http://subgraph');
    if (pathname === '/graphql') await this.#answerGraphql(request, response, search);
    else if (pathname === '/health') sendJson(response, 200, { status: 'ok' });
    else if (pathname === '/ready') await this.#answerReadiness(response);
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

  async #answerGraphql(request: IncomingMessage, response: ServerResponse, search: string): Promise<void> {
    const { apollo, bodyLimit, callers, createContext } = this.#options;
    const named = await callers.authenticate(request.headers.authorization).catch((error: unknown) => {
      // A refused request is not read: its body may be anything.
      request.resume();
      throw error;
    });
    const body = request.method === 'POST' ? await readBody(request, bodyLimit) : undefined;
    const caller = callers.confirm(named, request.headers[assertionHeader], body);
    const headers = new HeaderMap();
    for (const [name, value] of Object.entries(request.headers))
      if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
    const {
      status,
      headers: answered,
      body: answer,
    } = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: request.method ?? 'GET',
        headers,
        search,
        body: body === undefined ? undefined : parseJson(body),
      },
      context: () => Promise.resolve(createContext(caller)),
    });
    response.statusCode = status ?? 200;
    for (const [name, value] of answered) response.setHeader(name, value);
    if (answer.kind === 'complete') response.end(answer.string);
    else {
      for await (const chunk of answer.asyncIterator) response.write(chunk);
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
  const known = error instanceof PlatformError;
  const code = known ? error.code : 'INTERNAL_ERROR';
  const status = statusOfCode[code] ?? 500;
  // The rest of a body that was not read would be taken for the next request.
  if (status === 413) response.setHeader('connection', 'close');
  sendJson(response, status, {
    errors: [{ message: known ? error.message : 'Something went wrong here.', extensions: { code } }],
  });
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}
