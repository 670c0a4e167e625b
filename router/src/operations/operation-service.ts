import { type Caller } from '@medigraph/platform/identity';
import {
  getVariableValues,
  GraphQLError,
  OperationTypeNode,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import { type Logger } from 'pino';
import { type Authentication } from '../authentication.js';
import { type EngineLease, type EngineSlot } from '../engine/engine-slot.js';
import {
  asRouterError,
  DocumentError,
  OperationTimeoutError,
  ShuttingDownError,
  TokenExpiredError,
  UnauthenticatedError,
  type RouterError,
} from '../errors.js';
import { LiveStream } from '../live/live-stream.js';
import { codeLabel, type RouterMetrics } from '../telemetry/router-metrics.js';
import { DocumentCache, type ValidDocument } from './document-cache.js';
import { masked } from './error-masking.js';
import { costOf } from './operation-cost.js';
import { atMost, checkVariables, type OperationLimits } from './operation-limits.js';
import { type OperationRequest } from './operation-request.js';
import { type PersistedOperations } from './persisted-operations.js';
import { isSchemaField, rootFieldsOf } from './root-fields.js';

/** By which way an operation came in. */
export type TransportName = 'http' | 'sse' | 'websocket';

/** Who sent an operation, and how. */
export interface OperationOrigin {
  readonly transport: TransportName;
  readonly requestId: string;
  readonly authentication: Authentication;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

/** An operation that passed every check and waits to be executed. */
export interface PreparedOperation extends ValidDocument {
  readonly type: OperationTypeNode;
  readonly schema: GraphQLSchema;
  readonly operationName?: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** @see OperationService */
export interface OperationServiceOptions {
  readonly engine: EngineSlot;
  readonly limits: OperationLimits;
  readonly persisted: PersistedOperations;
  /** Who may ask for the schema's description. */
  readonly introspection: 'everybody' | 'authenticated' | 'nobody';
  /** Queries and mutations take no longer. */
  readonly operationTimeoutMs: number;
  /** Extensions of subgraphs' errors that clients see, beside `code`. */
  readonly errorExtensions: readonly string[];
  readonly metrics: RouterMetrics;
  readonly log: Logger;
}

/**
 * The way of an operation through the router, the same for every transport: found, parsed, bounded, validated, allowed,
 * executed, counted, logged.
 */
export class OperationService {
  readonly #options: OperationServiceOptions;
  readonly #documents: DocumentCache;
  readonly #shownExtensions: ReadonlySet<string>;
  readonly #streams = new Set<LiveStream>();
  #running = 0;
  #whenIdle: (() => void)[] = [];
  #draining = false;

  constructor(options: OperationServiceOptions) {
    this.#options = options;
    this.#documents = new DocumentCache(options.limits);
    this.#shownExtensions = new Set(options.errorExtensions);
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Counts, and logs where it is the router's own, what is answered instead of a result. */
  refused(error: unknown, requestId: string): RouterError {
    const refusal = asRouterError(error);
    const { code } = refusal;
    this.#options.metrics.refusals.inc({ code });
    if (refusal.status === 500) this.#options.log.error({ err: refusal.cause, requestId }, 'request failed');
    else this.#options.log.info({ requestId, code }, 'request refused');
    return refusal;
  }

  /**
   * Checks everything that can be known before execution.
   * @throws {@link RouterError}, to be given to {@link refused}
   */
  prepare(request: OperationRequest, { caller }: Authentication): PreparedOperation {
    if (this.#draining) throw new ShuttingDownError();
    const { engine, limits, persisted } = this.#options;
    const { schema } = engine.current;
    const text = persisted.textOf(request);
    const valid = this.#documents.get(schema, text, request.operationName);
    this.#allow(valid, caller);
    if (request.variables) checkVariables(limits, request.variables);
    const { operation, fragments } = valid;
    const values = getVariableValues(schema, operation.variableDefinitions ?? [], request.variables ?? {}, {
      maxErrors: 10,
    });
    if (values.errors) throw new DocumentError('BAD_USER_INPUT', values.errors);
    const cost = costOf(schema, operation, fragments, values.coerced, limits.defaultListSize);
    atMost(limits.maxCost, cost, 'QUERY_TOO_COSTLY', 'objects to answer with');
    persisted.accept(request, text);
    return {
      ...valid,
      schema,
      type: operation.operation,
      operationName: request.operationName,
      variables: request.variables ?? {},
    };
  }

  /** Anonymous clients may at most ask what the graph is; a token must still be good when it is used. */
  #allow({ operation, fragments }: ValidDocument, caller: Caller | undefined): void {
    if (caller && caller.expiresAt * 1000 <= Date.now()) throw new TokenExpiredError();
    const fields = [...rootFieldsOf(operation, fragments)];
    if (!caller && !fields.every(({ name }) => name.value.startsWith('__'))) throw new UnauthenticatedError();
    if (!fields.some(isSchemaField)) return;
    const { introspection } = this.#options;
    if (introspection === 'nobody') {
      throw new DocumentError('INTROSPECTION_DISABLED', [new GraphQLError('Introspection is switched off.')]);
    }
    if (introspection === 'authenticated' && !caller) throw new UnauthenticatedError();
  }

  /** Executes what {@link prepare} let through. Every failure is in the result. */
  async execute(
    operation: PreparedOperation,
    origin: OperationOrigin,
  ): Promise<ExecutionResult | LiveStream> {
    const lease = this.#options.engine.lease();
    const started = performance.now();
    this.#running += 1;
    try {
      const result = await this.#run(operation, origin, lease);
      if (result instanceof LiveStream) return result;
      lease.release();
      this.#finished(operation, origin, started, result);
      return result;
    } catch (error) {
      lease.release();
      const failure = asRouterError(error);
      if (failure.status === 500) {
        this.#options.log.error({ err: failure.cause, requestId: origin.requestId }, 'operation failed');
      }
      const result = { errors: failure.toGraphQLErrors(), data: null };
      this.#finished(operation, origin, started, result);
      return result;
    } finally {
      this.#running -= 1;
      if (this.#running === 0) for (const wake of this.#whenIdle.splice(0)) wake();
    }
  }

  async #run(operation: PreparedOperation, origin: OperationOrigin, lease: EngineLease) {
    const { document, operationName, variables, type } = operation;
    const { requestId, authentication, signal } = origin;
    const context = { requestId, authorization: authentication.authorization };
    const ask = (until: AbortSignal) =>
      lease.engine.execute({ document, operationName, variables }, { ...context, signal: until });
    if (type === OperationTypeNode.SUBSCRIPTION) {
      const result = await ask(signal);
      if (!(Symbol.asyncIterator in result)) return this.#masked(result);
      return this.#live(result, origin, lease);
    }
    const { operationTimeoutMs } = this.#options;
    const deadline = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new OperationTimeoutError(operationTimeoutMs));
        deadline.abort();
      }, operationTimeoutMs);
    });
    try {
      const result = await Promise.race([ask(AbortSignal.any([signal, deadline.signal])), late]);
      if (Symbol.asyncIterator in result) throw new Error('A query was answered with a stream.');
      return this.#masked(result);
    } finally {
      clearTimeout(timer);
    }
  }

  #live(
    source: AsyncIterableIterator<ExecutionResult>,
    { transport, authentication, requestId }: OperationOrigin,
    lease: EngineLease,
  ): LiveStream {
    const { metrics, log } = this.#options;
    metrics.subscriptions.inc({ transport });
    const stream = new LiveStream(source, {
      expiresAt: authentication.caller?.expiresAt,
      present: (result) => {
        metrics.events.inc({ transport });
        return this.#masked(result);
      },
      onEnd: (error) => {
        this.#streams.delete(stream);
        lease.release();
        metrics.subscriptions.dec({ transport });
        if (error?.status === 500) log.error({ err: error.cause, requestId }, 'subscription failed');
        log.info({ requestId, transport, ...(error && { code: error.code }) }, 'subscription ended');
      },
    });
    this.#streams.add(stream);
    return stream;
  }

  #masked(result: ExecutionResult): ExecutionResult {
    return masked(result, this.#shownExtensions);
  }

  #finished(
    { type, operation }: PreparedOperation,
    { transport, requestId, authentication: { caller } }: OperationOrigin,
    started: number,
    result: ExecutionResult,
  ): void {
    const milliseconds = performance.now() - started;
    const first = result.errors?.[0]?.extensions.code;
    const code = result.errors?.length ? codeLabel(first) : 'OK';
    this.#options.metrics.operations.observe({ type, transport, code }, milliseconds / 1000);
    this.#options.log.info(
      {
        requestId,
        transport,
        type,
        operation: operation.name?.value,
        role: caller?.role,
        institution: caller?.institution,
        code,
        milliseconds: Math.round(milliseconds * 10) / 10,
      },
      'operation',
    );
  }

  /** Refuses new operations from now on and resolves when those under way, streams apart, are answered. */
  async drain(): Promise<void> {
    this.#draining = true;
    if (this.#running > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  /** Ends every stream; their clients are told by their transport. */
  endStreams(): void {
    for (const stream of this.#streams) stream.end();
  }
}
