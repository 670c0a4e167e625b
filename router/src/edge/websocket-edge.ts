import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { type Duplex } from 'node:stream';
import { OperationTypeNode, type ExecutionArgs, type GraphQLError } from 'graphql';
import { CloseCode, handleProtocols, makeServer, type Context } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { type Authentication, type Authenticator } from '../authentication.js';
import {
  ShuttingDownError,
  TokenExpiredError,
  TooManySubscriptionsError,
  UnauthenticatedError,
  type RouterError,
} from '../errors.js';
import { type LiveStream } from '../live/live-stream.js';
import { toOperationRequest } from '../operations/operation-request.js';
import { type OperationService } from '../operations/operation-service.js';
import { type OperationOrigin, type PreparedOperation } from '../operations/prepared-operation.js';
import { type RouterMetrics } from '../telemetry/router-metrics.js';
import { type ClientAddresses } from '../traffic/client-addresses.js';
import { requestIdOf } from './request-id.js';
import { SocketStream } from './socket-stream.js';
import { type WebOrigins } from './web-origins.js';

/** WebSocket close code "Service Restart": clients come back, here or to another instance, and subscribe again. */
const serviceRestart = 1012;

/** WebSocket close code "Try Again Later". */
const tryAgainLater = 1013;

/** @see WebSocketEdge */
export interface WebSocketEdgeOptions {
  readonly operations: OperationService;
  readonly authenticator: Authenticator;
  readonly addresses: ClientAddresses;
  readonly origins: WebOrigins;
  readonly metrics: RouterMetrics;
  readonly limits: WebSocketLimits;
}

/** Bounds of the WebSocket connections. */
export interface WebSocketLimits {
  readonly maxConnections: number;
  /** Operations open at once on one connection. */
  readonly maxOperationsPerConnection: number;
  readonly maxMessageBytes: number;
  /** A connection must introduce itself within this time, in milliseconds. */
  readonly initTimeoutMs: number;
  /** Interval of the pings; a client that does not answer before the next is cut off, in milliseconds. */
  readonly keepAliveMs: number;
  /** What may wait in a connection before events wait for it. */
  readonly bufferedBytes: number;
}

/** What is known of one connection. */
interface Connection {
  readonly request: IncomingMessage;
  readonly requestId: string;
  readonly gone: AbortController;
  readonly socket: WebSocket;
  /** Queries and mutations under way, by the client's ids. */
  readonly running: Set<string>;
  readonly streams: Set<LiveStream>;
  authentication: Authentication;
  renewing: boolean;
}

type SocketContext = Context<Record<string, unknown>, Connection>;

/** GraphQL over WebSocket, protocol `graphql-transport-ws`. */
export class WebSocketEdge {
  readonly #options: WebSocketEdgeOptions;
  readonly #sockets: WebSocketServer;
  readonly #protocol: ReturnType<typeof makeServer<Record<string, unknown>, Connection>>;
  readonly #connections = new Set<Connection>();
  #draining = false;

  constructor(options: WebSocketEdgeOptions) {
    this.#options = options;
    const { initTimeoutMs, maxMessageBytes } = options.limits;
    this.#sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes, handleProtocols });
    this.#protocol = makeServer({
      connectionInitWaitTimeout: initTimeoutMs,
      onConnect: (context) => this.#connect(context),
      onSubscribe: ({ extra, subscriptions }, id, payload) =>
        this.#prepare(extra, id, payload, Object.keys(subscriptions).length),
      execute: (args) => this.#execute(args as SocketArgs),
      subscribe: (args) => this.#execute(args as SocketArgs),
      onComplete: ({ extra }, id) => {
        extra.running.delete(id);
        if (this.#draining) this.#closeWhenIdle(extra);
      },
    });
  }

  /** Takes over a connection whose request asks for a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { origins, limits } = this.#options;
    if (this.#draining || this.#connections.size >= limits.maxConnections) {
      refuseUpgrade(socket, 503);
      return;
    }
    try {
      origins.check(request);
    } catch {
      refuseUpgrade(socket, 403);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#open(webSocket, request);
    });
  }

  #open(socket: WebSocket, request: IncomingMessage): void {
    const requestId = requestIdOf(request);
    const connection: Connection = {
      request,
      requestId,
      socket,
      gone: new AbortController(),
      running: new Set(),
      streams: new Set(),
      authentication: {},
      renewing: false,
    };
    this.#connections.add(connection);
    this.#options.metrics.sockets.inc();
    const closed = this.#protocol.opened(
      {
        protocol: socket.protocol,
        // Resolves once the message has left, so that a slow client slows its own streams down.
        send: (data) =>
          new Promise((resolve) => {
            socket.send(data, () => resolve());
          }),
        close: (code, reason) => {
          socket.close(code, reason);
        },
        onPing: async (payload) => {
          const answer =
            payload?.authorization === undefined ? payload : await this.#renew(connection, payload);
          if (socket.readyState === socket.OPEN)
            socket.send(JSON.stringify({ type: 'pong', payload: answer }));
        },
        onMessage: (take) => {
          socket.on('message', (data: Buffer) => {
            take(data.toString()).catch((error: unknown) => {
              const { code } = this.#options.operations.refused(error, requestId);
              socket.close(CloseCode.InternalServerError, code);
            });
          });
        },
      },
      connection,
    );
    const stopPinging = keepAlive(socket, this.#options.limits.keepAliveMs);
    // A frame that breaks the bounds closes the connection by itself, with the right code.
    socket.on('error', () => undefined);
    socket.once('close', (code, reason) => {
      stopPinging();
      this.#connections.delete(connection);
      this.#options.metrics.sockets.dec();
      connection.gone.abort();
      void closed(code, reason.toString());
    });
  }

  /** Sends clients elsewhere: those with queries under way when these are answered, the others now. */
  drain(): void {
    this.#draining = true;
    for (const connection of this.#connections) this.#closeWhenIdle(connection);
  }

  /** Ends what is left. */
  terminate(): void {
    for (const { socket } of this.#connections) socket.terminate();
    this.#sockets.close();
  }

  #closeWhenIdle({ running, socket }: Connection): void {
    if (running.size === 0) socket.close(serviceRestart, new ShuttingDownError().code);
  }

  async #connect({ connectionParams, extra: connection }: SocketContext): Promise<boolean> {
    const { authenticator, operations } = this.#options;
    const given = connectionParams?.authorization ?? connectionParams?.Authorization;
    const authorization = typeof given === 'string' ? given : connection.request.headers.authorization;
    try {
      connection.authentication = await authenticator.authenticate(authorization);
      return true;
    } catch (error) {
      const refusal = operations.refused(error, connection.requestId);
      connection.socket.close(closeCodeOf(refusal), refusal.code);
      return false;
    }
  }

  /** Goes on with the connection and its streams with a fresh token, which a ping may carry. @returns what the pong says */
  async #renew(connection: Connection, { authorization }: Record<string, unknown>): Promise<object> {
    const { authenticator, operations, metrics } = this.#options;
    const refused = (error: unknown): object => {
      const refusal = operations.refused(error, connection.requestId);
      metrics.renewals.inc({ transport: 'websocket', code: refusal.code });
      return { errors: refusal.toGraphQLErrors() };
    };
    // Each costs the verification of a token: one that does not wait for the answer gets no more.
    if (connection.renewing) {
      connection.socket.close(CloseCode.TooManyInitialisationRequests, 'Too many renewals at once');
      return {};
    }
    connection.renewing = true;
    try {
      if (typeof authorization !== 'string') throw new UnauthenticatedError();
      const fresh = await authenticator.authenticate(authorization);
      operations.renew(connection.authentication, fresh, connection.streams);
      connection.authentication = fresh;
      metrics.renewals.inc({ transport: 'websocket', code: 'OK' });
      return { expiresAt: fresh.caller?.expiresAt };
    } catch (error) {
      return refused(error);
    } finally {
      connection.renewing = false;
    }
  }

  async #prepare(
    connection: Connection,
    id: string,
    payload: object,
    open: number,
  ): Promise<readonly GraphQLError[] | SocketArgs> {
    const { operations, limits } = this.#options;
    try {
      const limit = limits.maxOperationsPerConnection;
      if (open > limit) throw new TooManySubscriptionsError(limit);
      const { requestId, authentication, request } = connection;
      const origin: OperationOrigin = {
        transport: 'websocket',
        requestId,
        authentication,
        address: this.#options.addresses.of(request),
        headers: request.headers,
      };
      const operation = await operations.prepare(toOperationRequest(payload), origin);
      const { document, schema, operationName, variables } = operation;
      return {
        document,
        schema,
        operationName,
        variableValues: variables,
        rootValue: { operation, origin, connection, id },
      };
    } catch (error) {
      return operations.refused(error, connection.requestId).toGraphQLErrors();
    }
  }

  async #execute({ rootValue: { operation, origin, connection, id } }: SocketArgs) {
    const { requestId, gone, running, socket, streams } = connection;
    const { operations, limits } = this.#options;
    if (operation.type !== OperationTypeNode.SUBSCRIPTION) {
      running.add(id);
      return operations.execute(operation, origin, gone.signal);
    }
    try {
      const sink = new SocketStream(socket, id, limits.bufferedBytes, () => streams.delete(stream));
      const stream = operations.subscribe(operation, origin, sink);
      streams.add(stream);
      return sink.open(stream);
    } catch (error) {
      return { errors: operations.refused(error, requestId).toGraphQLErrors() };
    }
  }
}

/** The arguments that the protocol library carries from `onSubscribe` to `execute`. */
interface SocketArgs extends ExecutionArgs {
  readonly rootValue: {
    readonly operation: PreparedOperation;
    readonly origin: OperationOrigin;
    readonly connection: Connection;
    readonly id: string;
  };
}

/** As the protocol's clients expect: 4401 not to try again, 4403 to try with a fresh token, 1013 to try later. */
function closeCodeOf(refusal: RouterError): number {
  if (refusal.status !== 401) return tryAgainLater;
  return refusal instanceof TokenExpiredError ? CloseCode.Forbidden : CloseCode.Unauthorized;
}

/** Pings a client again and again; one that did not answer by the next ping is gone. */
function keepAlive(socket: WebSocket, intervalMs: number): () => void {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  const check = (): void => {
    if (!answered) socket.terminate();
    else if (socket.readyState === socket.OPEN) {
      answered = false;
      socket.ping();
    }
  };
  // A router that was busy reads what has come in meanwhile before it says that nothing came.
  const pinging = setInterval(() => setImmediate(check), intervalMs);
  return () => {
    clearInterval(pinging);
  };
}

/** Answers a request for a WebSocket that is not given. */
export function refuseUpgrade(socket: Duplex, status: 403 | 404 | 503): void {
  socket.once('error', () => undefined);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\n` +
      `${status === 503 ? 'Retry-After: 1\r\n' : ''}Content-Length: 0\r\n\r\n`,
  );
}
