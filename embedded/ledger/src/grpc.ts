import {
  Metadata,
  Server,
  ServerCredentials,
  type ConnectionInjector,
  status as grpcStatus,
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { type EventEmitter } from 'node:events';
import { LedgerUnavailableError, reasonOf } from './errors.js';
import { silentLog, type Log } from './log.js';
import { plainCaller, type Caller } from './tls/caller.js';
import { TlsListener } from './tls/tls-listener.js';
import { type TlsMaterial } from './tls/tls-material.js';
import { ErrorDetail, RpcStatus } from './wire/services.js';

/** A refusal with a gRPC status, and details for each node concerned as Fabric's gateway gives them. */
export class RpcError extends Error {
  constructor(
    readonly code: grpcStatus,
    message: string,
    readonly details: readonly ErrorDetail[] = [],
  ) {
    super(message);
  }
}

function toServiceError(error: unknown): { code: grpcStatus; details: string; metadata?: Metadata } {
  if (!(error instanceof RpcError)) return { code: grpcStatus.UNKNOWN, details: reasonOf(error) };
  if (error.details.length === 0) return { code: error.code, details: error.message };
  const metadata = new Metadata();
  const details = error.details.map((detail) => ({
    typeUrl: 'type.googleapis.com/gateway.ErrorDetail',
    value: ErrorDetail.encode(detail),
  }));
  const encoded = RpcStatus.encode({ code: error.code, message: error.message, details });
  metadata.set('grpc-status-details-bin', encoded);
  return { code: error.code, details: error.message, metadata };
}

type Methods = Record<
  string,
  /** The signal is made when asked for: most calls are over before anybody could wait for their end. */
  | { unary: (request: Buffer, signal: () => AbortSignal) => Promise<Buffer> }
  | {
      stream: (
        request: Buffer,
        call: ServerWritableStream<Buffer, Buffer>,
        signal: AbortSignal,
      ) => Promise<void>;
    }
  | {
      duplex: (
        call: ServerDuplexStream<Buffer, Buffer>,
        signal: AbortSignal,
        caller: Caller,
      ) => Promise<void>;
    }
>;

/** The paths of a service, without its message classes: messages go in and out as bytes. */
function rawDefinition(service: ServiceDefinition): ServiceDefinition {
  const identity = (value: Buffer) => value;
  return Object.fromEntries(
    Object.entries(service).map(([name, method]) => [
      name,
      {
        ...method,
        requestSerialize: identity,
        requestDeserialize: identity,
        responseSerialize: identity,
        responseDeserialize: identity,
      },
    ]),
  );
}

/** Calls of a service under way at a time, beyond which it refuses, as a peer's concurrency limits do. */
export class ConcurrencyLimit {
  #active = 0;

  constructor(
    readonly service: string,
    readonly limit: number,
  ) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#active >= this.limit)
      throw new RpcError(
        grpcStatus.UNKNOWN,
        `too many requests for ${this.service}, exceeding concurrency limit (${this.limit})`,
      );
    this.#active += 1;
    try {
      return await work();
    } finally {
      this.#active -= 1;
    }
  }
}

function implement(
  methods: Methods,
  limit: ConcurrencyLimit,
  callerAt: (peer: string) => Caller,
): UntypedServiceImplementation {
  const entries = Object.entries(methods).map(([name, method]) => {
    if ('unary' in method) {
      const handle: handleUnaryCall<Buffer, Buffer> = (call, answer) => {
        limit
          .run(() => method.unary(call.request, () => signalOf(call)))
          .then(
            (response) => answer(null, response),
            (error: unknown) => answer(toServiceError(error)),
          );
      };
      return [name, handle];
    }
    if ('stream' in method) {
      const handle: handleServerStreamingCall<Buffer, Buffer> = (call) => {
        limit
          .run(() => method.stream(call.request, call, signalOf(call)))
          .then(
            () => call.end(),
            (error: unknown) => call.emit('error', toServiceError(error)),
          );
      };
      return [name, handle];
    }
    const handle: handleBidiStreamingCall<Buffer, Buffer> = (call) => {
      limit
        .run(() => method.duplex(call, signalOf(call), callerAt(call.getPeer())))
        .then(
          () => call.end(),
          (error: unknown) => call.emit('error', toServiceError(error)),
        );
    };
    return [name, handle];
  });
  return Object.fromEntries(entries) as UntypedServiceImplementation;
}

function signalOf(
  call:
    | ServerUnaryCall<Buffer, Buffer>
    | ServerWritableStream<Buffer, Buffer>
    | ServerDuplexStream<Buffer, Buffer>,
): AbortSignal {
  const controller = new AbortController();
  if (call.cancelled) controller.abort(callEnded);
  (call as EventEmitter).on('cancelled', () => controller.abort(callEnded));
  return controller.signal;
}

/** One reason for all, since making one each time costs more than most calls. */
const callEnded = new Error('the call has ended');

/** What a client sends on a stream. Reading to the end leaves the other direction open, so that an answer can still go out. */
export function requestsOf(call: ServerDuplexStream<Buffer, Buffer>): AsyncIterable<Buffer> {
  return call.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
}

/** Writes to a stream, waiting while the reader is slow. */
export async function writeTo(
  call: ServerWritableStream<Buffer, Buffer> | ServerDuplexStream<Buffer, Buffer>,
  message: Buffer,
  signal: AbortSignal,
): Promise<void> {
  if (call.write(message) || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      call.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    call.once('drain', done);
    signal.addEventListener('abort', done, { once: true });
  });
}

const maxMessageBytes = 100 * 1024 * 1024;

/** Settings of all connections: messages as large as Fabric allows, and no statistics that nobody reads. */
export const channelOptions = {
  'grpc.max_receive_message_length': maxMessageBytes,
  'grpc.max_send_message_length': maxMessageBytes,
  'grpc.enable_channelz': 0,
} as const;

/** A node's gRPC server: in TLS, or in plain text, which is for the loopback alone. */
export class RpcServer {
  readonly #server = new Server(channelOptions);
  readonly #log: Log;
  #tls: { readonly listener: TlsListener; readonly injector: ConnectionInjector } | undefined;

  constructor(log: Log = silentLog) {
    this.#log = log;
  }

  add(service: object, methods: Methods, limit: ConcurrencyLimit): void {
    const definition = rawDefinition(service as ServiceDefinition);
    const served = Object.entries(definition).filter(([name]) => name in methods);
    const callerAt = (peer: string) => this.#tls?.listener.caller(peer) ?? plainCaller;
    this.#server.addService(Object.fromEntries(served), implement(methods, limit, callerAt));
  }

  /** Starts to listen; answers the address. @throws {@link LedgerUnavailableError} if it cannot. */
  async listen(address: string, tls?: TlsMaterial): Promise<string> {
    const separator = address.lastIndexOf(':');
    const host = address.slice(0, separator);
    try {
      const port = await (tls === undefined
        ? this.#listenPlain(address)
        : this.#listenTls(tls, host, Number(address.slice(separator + 1))));
      return `${host}:${port}`;
    } catch (error) {
      throw new LedgerUnavailableError(`cannot listen on ${address}: ${reasonOf(error)}`, { cause: error });
    }
  }

  #listenPlain(address: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
        if (error === null) resolve(port);
        else reject(error);
      });
    });
  }

  /** Hands are shaken in front of the gRPC server, which sees connections that are clear. */
  #listenTls(tls: TlsMaterial, host: string, port: number): Promise<number> {
    const injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
    const listener = new TlsListener(tls, (socket) => injector.injectConnection(socket), this.#log);
    this.#tls = { listener, injector };
    return listener.listen(host, port);
  }

  close(): void {
    this.#tls?.listener.close();
    this.#tls?.injector.destroy();
    this.#server.forceShutdown();
  }
}
