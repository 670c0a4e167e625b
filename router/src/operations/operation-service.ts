import { type Caller } from '@medigraph/platform/identity';
import { getVariableValues, GraphQLError, OperationTypeNode, type ExecutionResult } from 'graphql';
import { type Logger } from 'pino';
import { type Authentication } from '../authentication.js';
import { type EngineLease, type EngineSlot } from '../engine/engine-slot.js';
import { type RouterEngine } from '../engine/router-engine.js';
import {
  asRouterError,
  DocumentError,
  OperationTimeoutError,
  SchemaChangedError,
  ShuttingDownError,
  TokenExpiredError,
  UnauthenticatedError,
  type RouterError,
} from '../errors.js';
import { type Hooks } from '../hooks/hooks.js';
import { LiveHub, type LiveLimits } from '../live/live-hub.js';
import { type LiveSink, type LiveStream } from '../live/live-stream.js';
import { codeLabel, type RouterMetrics } from '../telemetry/router-metrics.js';
import { DocumentCache, type ValidDocument } from './document-cache.js';
import { masked } from './error-masking.js';
import { costOf } from './operation-cost.js';
import { atMost, checkVariables, type OperationLimits } from './operation-limits.js';
import { type OperationRequest } from './operation-request.js';
import { type PersistedOperations } from './persisted-operations.js';
import { type OperationOrigin, type PreparedOperation } from './prepared-operation.js';
import { isSchemaField, rootFieldsOf } from './root-fields.js';

/** @see OperationService */
export interface OperationServiceOptions {
  readonly engine: EngineSlot;
  readonly hooks: Hooks;
  readonly limits: OperationLimits;
  readonly live: LiveLimits;
  /** Claims in which clients that share a stream may differ; see `Audiences`. */
  readonly ignoredClaims: readonly string[];
  readonly persisted: PersistedOperations;
  /** Whether clients without a token may ask for more than the schema's description. */
  readonly anonymous: boolean;
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
  readonly #hub: LiveHub;
  #running = 0;
  #whenIdle: (() => void)[] = [];
  #draining = false;

  constructor(options: OperationServiceOptions) {
    this.#options = options;
    this.#documents = new DocumentCache(options.limits, {
      suggestions: options.introspection === 'everybody',
    });
    this.#shownExtensions = new Set(options.errorExtensions);
    const { engine, hooks, live, ignoredClaims, metrics, log } = options;
    this.#hub = new LiveHub({
      engine,
      hooks,
      limits: live,
      ignoredClaims,
      present: (result) => this.#masked(result),
      metrics,
      log,
    });
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
   * @param servable throws where the transport cannot serve operations of a type.
   * @throws {@link RouterError}, to be given to {@link refused}
   */
  async prepare(
    request: OperationRequest,
    origin: OperationOrigin,
    servable?: (type: OperationTypeNode) => void,
  ): Promise<PreparedOperation> {
    const { hooks } = this.#options;
    try {
      if (this.#draining) throw new ShuttingDownError();
      const operation = this.#checked(await hooks.request(request, origin), origin.authentication);
      servable?.(operation.type);
      return await hooks.plan(operation, origin);
    } catch (error) {
      hooks.settle(origin, { error: asRouterError(error) });
      throw error;
    }
  }

  #checked(request: OperationRequest, { caller }: Authentication): PreparedOperation {
    const { engine, limits, persisted } = this.#options;
    const { schema } = engine.current;
    const text = persisted.textOf(request);
    const valid = this.#documents.get(schema, text, request.operationName);
    this.#allow(valid, caller);
    const { operation, fragments } = valid;
    const writes = caller !== undefined && operation.operation === OperationTypeNode.MUTATION;
    const maxSize = writes ? limits.maxMutationVariablesSize : limits.maxVariablesSize;
    if (request.variables) checkVariables(limits, maxSize, request.variables);
    const values = getVariableValues(schema, operation.variableDefinitions ?? [], request.variables ?? {}, {
      maxErrors: 10,
    });
    if (values.errors) throw new DocumentError('BAD_USER_INPUT', this.#documents.told(values.errors));
    const cost = costOf(schema, operation, fragments, values.coerced, limits.defaultListSize);
    atMost(limits.maxCost, cost, 'QUERY_TOO_COSTLY', 'objects to answer with');
    persisted.accept(request, text);
    return {
      ...valid,
      schema,
      type: operation.operation,
      operationName: request.operationName,
      variables: request.variables ?? {},
      values: values.coerced,
      cost,
    };
  }

  /** Anonymous clients may at most ask what the graph is; a token must still be good when it is used. */
  #allow({ operation, fragments }: ValidDocument, caller: Caller | undefined): void {
    if (caller && caller.expiresAt * 1000 <= Date.now()) throw new TokenExpiredError();
    const fields = [...rootFieldsOf(operation, fragments)];
    if (!caller && !this.#options.anonymous && !fields.every(({ name }) => name.value.startsWith('__')))
      throw new UnauthenticatedError();
    if (!fields.some(isSchemaField)) return;
    const { introspection } = this.#options;
    if (introspection === 'nobody') {
      throw new DocumentError('INTROSPECTION_DISABLED', [new GraphQLError('Introspection is switched off.')]);
    }
    if (introspection === 'authenticated' && !caller) throw new UnauthenticatedError();
  }

  /** Executes a query or mutation that {@link prepare} let through, until the signal aborts. Every failure is in the result. */
  async execute(
    operation: PreparedOperation,
    origin: OperationOrigin,
    signal: AbortSignal,
  ): Promise<ExecutionResult> {
    const lease = this.#options.engine.lease();
    const started = performance.now();
    this.#running += 1;
    let result: ExecutionResult;
    try {
      if (operation.schema !== lease.engine.schema) throw new SchemaChangedError();
      result = this.#masked(await this.#run(operation, origin, signal, lease));
    } catch (error) {
      const failure = asRouterError(error);
      if (failure.status === 500) {
        this.#options.log.error({ err: failure.cause, requestId: origin.requestId }, 'operation failed');
      }
      result = { errors: failure.toGraphQLErrors(), data: null };
    } finally {
      lease.release();
      this.#running -= 1;
      if (this.#running === 0) for (const wake of this.#whenIdle.splice(0)) wake();
    }
    this.#finished(operation, origin, started, result);
    this.#options.hooks.settle(origin, { operation, result });
    return result;
  }

  /** Begins a subscription that {@link prepare} let through. @throws {@link RouterError}, to be given to {@link refused} */
  subscribe(operation: PreparedOperation, origin: OperationOrigin, sink: LiveSink): LiveStream {
    try {
      if (this.#draining) throw new ShuttingDownError();
      return this.#hub.subscribe(operation, origin, sink);
    } catch (error) {
      this.#options.hooks.settle(origin, { operation, error: asRouterError(error) });
      throw error;
    }
  }

  /**
   * Goes on with what a person has open with a fresh token of theirs.
   * @throws `RenewalRefusedError` unless the fresh token is of the same person with the same rights, known no less surely.
   */
  renew(present: Authentication, fresh: Authentication, streams: Iterable<LiveStream>): void {
    this.#hub.renew(present, fresh, streams);
  }

  async #run(
    { document, operationName, variables, withheld }: PreparedOperation,
    origin: OperationOrigin,
    signal: AbortSignal,
    { engine }: EngineLease,
  ): Promise<ExecutionResult> {
    const { operationTimeoutMs } = this.#options;
    const { requestId, authentication } = origin;
    const { authorization } = authentication;
    const deadline = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new OperationTimeoutError(operationTimeoutMs));
        deadline.abort();
      }, operationTimeoutMs);
    });
    const until = AbortSignal.any([signal, deadline.signal]);
    try {
      const result = await Promise.race([
        engine.execute(
          { document, operationName, variables, withheld },
          { requestId, authorization, origin, signal: until },
        ),
        late,
      ]);
      if (Symbol.asyncIterator in result) throw new Error('A query was answered with a stream.');
      return result;
    } finally {
      clearTimeout(timer);
    }
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
    this.#options.metrics.draining.set(1);
    if (this.#running > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  /** Ends every stream with a hint to come back, here or elsewhere, after its cursor. */
  endStreams(): void {
    this.#hub.drain();
  }

  /**
   * Makes the documents of a closed list ready in an engine that is to serve, so that nobody waits for their plans then.
   * @returns how many of them cannot be executed there.
   */
  async prepareFor(engine: RouterEngine): Promise<number> {
    let broken = 0;
    for (const text of this.#options.persisted.closedList ?? []) {
      try {
        await engine.compile(this.#documents.get(engine.schema, text, undefined));
      } catch (error) {
        // Of several operations, the client says which one.
        if (asRouterError(error).code !== 'OPERATION_RESOLUTION_FAILURE') broken += 1;
      }
    }
    return broken;
  }

  /** Lets streams follow a change of the graph. */
  followGraph(): Promise<void> {
    return this.#hub.follow();
  }
}
