import { type IncomingMessage, type ServerResponse } from 'node:http';
import { OperationTypeNode, type ExecutionResult } from 'graphql';
import { type Authentication, type Authenticator } from '../authentication.js';
import { BodyTooLargeError, MethodNotAllowedError, NotAcceptableError } from '../errors.js';
import { LiveStream } from '../live/live-stream.js';
import { type OperationRequest } from '../operations/operation-request.js';
import { type OperationService, type PreparedOperation } from '../operations/operation-service.js';
import { single, writeEvents } from './event-stream.js';
import { negotiate, type ResponseMediaType } from './media-types.js';
import { parametersOfBody, parametersOfUrl } from './request-parameters.js';

/** @see GraphQLOverHttp */
export interface GraphQLOverHttpOptions {
  readonly operations: OperationService;
  readonly authenticator: Authenticator;
  readonly maxBodyBytes: number;
  readonly heartbeatMs: number;
  readonly stallMs: number;
}

/** GraphQL over HTTP (the GraphQL Foundation's specification) and over server-sent events (distinct connections). */
export class GraphQLOverHttp {
  readonly #options: GraphQLOverHttpOptions;

  constructor(options: GraphQLOverHttpOptions) {
    this.#options = options;
  }

  /**
   * Answers a request for the graph.
   * @param asEvents whether the path itself asks for server-sent events.
   */
  async serve(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    requestId: string,
    asEvents: boolean,
  ): Promise<void> {
    // Until it is known what the client accepts, it is told of failures in the media type that all understand.
    let media: ResponseMediaType = 'application/json';
    try {
      media = asEvents ? 'text/event-stream' : negotiate(request.headers.accept);
      const authentication = await this.#options.authenticator.authenticate(request.headers.authorization);
      const parameters = await this.#parametersOf(request, url);
      const operation = this.#prepare(parameters, authentication, request.method, media);
      await this.#execute(operation, authentication, requestId, response, media);
    } catch (error) {
      await this.refuse(response, error, media, requestId);
    }
  }

  #prepare(
    parameters: OperationRequest,
    authentication: Authentication,
    method: string | undefined,
    media: ResponseMediaType,
  ): PreparedOperation {
    const operation = this.#options.operations.prepare(parameters, authentication);
    const streams = operation.type === OperationTypeNode.SUBSCRIPTION;
    if (streams && media !== 'text/event-stream') throw new NotAcceptableError();
    if (method === 'GET' && operation.type === OperationTypeNode.MUTATION) {
      throw new MethodNotAllowedError('Only queries may be sent by GET.', 'POST');
    }
    return operation;
  }

  #parametersOf(request: IncomingMessage, url: URL): Promise<OperationRequest> | OperationRequest {
    if (request.method === 'GET') return parametersOfUrl(url.searchParams);
    if (request.method === 'POST') return parametersOfBody(request, this.#options.maxBodyBytes);
    throw new MethodNotAllowedError('Send operations by POST, or queries by GET.', 'GET, POST');
  }

  async #execute(
    operation: PreparedOperation,
    authentication: Authentication,
    requestId: string,
    response: ServerResponse,
    media: ResponseMediaType,
  ): Promise<void> {
    const { operations } = this.#options;
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    const transport = media === 'text/event-stream' ? 'sse' : 'http';
    const result = await operations.execute(operation, {
      transport,
      requestId,
      authentication,
      signal: gone.signal,
    });
    if (media === 'text/event-stream') await this.#stream(response, result);
    else if (result instanceof LiveStream) result.end();
    else answer(response, 200, media, result);
  }

  async #stream(response: ServerResponse, result: ExecutionResult | LiveStream): Promise<void> {
    const { operations, heartbeatMs, stallMs } = this.#options;
    const live = result instanceof LiveStream;
    await writeEvents(response, live ? result : single(result), {
      heartbeatMs,
      stallMs,
      mayResume: () => live && operations.draining,
    });
  }

  /** Answers with an error alone. */
  async refuse(
    response: ServerResponse,
    error: unknown,
    media: ResponseMediaType,
    requestId: string,
  ): Promise<void> {
    const { operations, heartbeatMs, stallMs } = this.#options;
    const refusal = operations.refused(error, requestId);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const body = { errors: refusal.toGraphQLErrors() };
    if (media === 'text/event-stream' && refusal.inDocument) {
      await writeEvents(response, single(body), { heartbeatMs, stallMs, mayResume: () => false });
      return;
    }
    if (refusal.status === 401) response.setHeader('www-authenticate', 'Bearer realm="medigraph"');
    if (refusal.status === 503) response.setHeader('retry-after', '1');
    if (refusal instanceof MethodNotAllowedError) response.setHeader('allow', refusal.allow);
    if (refusal instanceof BodyTooLargeError || operations.draining)
      response.setHeader('connection', 'close');
    const status = refusal.inDocument && media === 'application/json' ? 200 : refusal.status;
    answer(response, status, media === 'text/event-stream' ? 'application/json' : media, body);
  }
}

function answer(response: ServerResponse, status: number, media: ResponseMediaType, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': `${media}; charset=utf-8`,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
}
