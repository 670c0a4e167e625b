import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { OperationTypeNode } from 'graphql';
import { type Authentication, type Authenticator } from '../authentication.js';
import {
  asRouterError,
  BodyTooLargeError,
  MethodNotAllowedError,
  NotAcceptableError,
  StreamNotFoundError,
  UnauthenticatedError,
} from '../errors.js';
import { type LiveStream } from '../live/live-stream.js';
import { type OperationRequest } from '../operations/operation-request.js';
import { type OperationService } from '../operations/operation-service.js';
import { type OperationOrigin, type PreparedOperation } from '../operations/prepared-operation.js';
import { type RouterMetrics } from '../telemetry/router-metrics.js';
import { type ClientAddresses } from '../traffic/client-addresses.js';
import { endWith } from './compression.js';
import { EventStreamSink, writeSingle } from './event-stream.js';
import { negotiate, type ResponseMediaType } from './media-types.js';
import { parametersOfBody, parametersOfUrl } from './request-parameters.js';

/** @see GraphQLOverHttp */
export interface GraphQLOverHttpOptions {
  readonly operations: OperationService;
  readonly authenticator: Authenticator;
  readonly addresses: ClientAddresses;
  readonly metrics: RouterMetrics;
  /** Of whoever has no token, and of any document. */
  readonly maxBodyBytes: number;
  /** Of callers whose token is good: what they write may be large. */
  readonly maxCallerBodyBytes: number;
  readonly heartbeatMs: number;
  readonly stallMs: number;
}

/** GraphQL over HTTP (the GraphQL Foundation's specification) and over server-sent events (distinct connections). */
export class GraphQLOverHttp {
  readonly #options: GraphQLOverHttpOptions;
  /** Open streams of server-sent events, by the names that their clients were told. */
  readonly #streams = new Map<string, LiveStream>();

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
      const parameters = await this.#parametersOf(request, url, authentication);
      const origin: OperationOrigin = {
        transport: media === 'text/event-stream' ? 'sse' : 'http',
        requestId,
        authentication,
        address: this.#options.addresses.of(request),
        headers: request.headers,
      };
      const operation = await this.#options.operations.prepare(parameters, origin, (type) =>
        requireServable(type, request.method, media),
      );
      if (operation.type === OperationTypeNode.SUBSCRIPTION) this.#subscribe(operation, origin, response);
      else await this.#execute(operation, origin, response, media);
    } catch (error) {
      this.refuse(response, error, media, requestId);
    }
  }

  #parametersOf(
    request: IncomingMessage,
    url: URL,
    { caller }: Authentication,
  ): Promise<OperationRequest> | OperationRequest {
    const { maxBodyBytes, maxCallerBodyBytes } = this.#options;
    if (request.method === 'GET') return parametersOfUrl(url.searchParams);
    if (request.method === 'POST')
      return parametersOfBody(
        request,
        caller === undefined ? maxBodyBytes : maxCallerBodyBytes,
        maxBodyBytes,
      );
    throw new MethodNotAllowedError('Send operations by POST, or queries by GET.', 'GET, POST');
  }

  async #execute(
    operation: PreparedOperation,
    origin: OperationOrigin,
    response: ServerResponse,
    media: ResponseMediaType,
  ): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    const result = await this.#options.operations.execute(operation, origin, gone.signal);
    if (media === 'text/event-stream') writeSingle(response, result);
    else answer(response, 200, media, result);
  }

  #subscribe(operation: PreparedOperation, origin: OperationOrigin, response: ServerResponse): void {
    const sink = new EventStreamSink(response, this.#options);
    const stream = this.#options.operations.subscribe(operation, origin, sink);
    const id = randomUUID();
    this.#streams.set(id, stream);
    response.once('close', () => this.#streams.delete(id));
    sink.open(stream, id);
  }

  /** Goes on with a stream with the fresh token of this request: `POST /graphql/stream/ID`. */
  async renew(
    request: IncomingMessage,
    response: ServerResponse,
    id: string,
    requestId: string,
  ): Promise<void> {
    const { authenticator, operations, metrics } = this.#options;
    try {
      if (request.method !== 'POST') throw new MethodNotAllowedError('Renew a stream by POST.', 'POST');
      const authentication = await authenticator.authenticate(request.headers.authorization);
      if (!authentication.caller) throw new UnauthenticatedError();
      const stream = this.#streams.get(id);
      if (!stream) throw new StreamNotFoundError();
      operations.renew(stream.authentication, authentication, [stream]);
      metrics.renewals.inc({ transport: 'sse', code: 'OK' });
      answer(response, 200, 'application/json', { expiresAt: authentication.caller.expiresAt });
    } catch (error) {
      metrics.renewals.inc({ transport: 'sse', code: asRouterError(error).code });
      this.refuse(response, error, 'application/json', requestId);
    }
  }

  /** Answers with an error alone. */
  refuse(response: ServerResponse, error: unknown, media: ResponseMediaType, requestId: string): void {
    const { operations } = this.#options;
    const refusal = operations.refused(error, requestId);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const body = { errors: refusal.toGraphQLErrors() };
    if (media === 'text/event-stream' && refusal.inDocument) {
      writeSingle(response, body);
      return;
    }
    for (const [name, value] of Object.entries(refusal.headers)) response.setHeader(name, value);
    if (refusal instanceof BodyTooLargeError || operations.draining)
      response.setHeader('connection', 'close');
    const status = refusal.inDocument && media === 'application/json' ? 200 : refusal.status;
    answer(response, status, media === 'text/event-stream' ? 'application/json' : media, body);
  }
}

/** @throws {@link NotAcceptableError}, {@link MethodNotAllowedError} */
function requireServable(
  type: OperationTypeNode,
  method: string | undefined,
  media: ResponseMediaType,
): void {
  if (type === OperationTypeNode.SUBSCRIPTION && media !== 'text/event-stream')
    throw new NotAcceptableError();
  if (type === OperationTypeNode.MUTATION && method === 'GET')
    throw new MethodNotAllowedError('Only queries may be sent by GET.', 'POST');
}

function answer(response: ServerResponse, status: number, media: ResponseMediaType, body: object): void {
  const headers = { 'content-type': `${media}; charset=utf-8`, 'cache-control': 'no-store' };
  endWith(response, status, headers, JSON.stringify(body)).catch(() => response.destroy());
}
