import { type ApolloServer } from '@apollo/server';
import { type ExecutionResult, type FormattedExecutionResult, GraphQLError, subscribe } from 'graphql';
import { type Caller } from '../identity/index.js';
import { PlatformError } from '../errors/index.js';
import { inSpan } from '../telemetry/tracing.js';
import { GraphStopped, type GraphRequest, type InProcessGraph, StreamRefused } from './in-process-graph.js';
import { type LiveOperations } from './live-operations.js';
import { ownedValue } from './owned-value.js';
import { BodyTooLarge, refusalOf } from './refusal.js';

/** @see InProcessEndpoint */
export interface InProcessEndpointOptions<Context extends object> {
  readonly apollo: ApolloServer<Context>;
  readonly live: LiveOperations<Context>;
  /** Most bytes of a query and its variables as JSON. */
  readonly bodyLimit: number;
  readonly authenticate: (authorization: unknown) => Promise<Caller>;
  readonly createContext: (caller: Caller) => Context;
}

type Results = AsyncIterableIterator<ExecutionResult>;

/** Serves a graph to its own process. */
export class InProcessEndpoint<Context extends object> implements InProcessGraph {
  readonly #options: InProcessEndpointOptions<Context>;
  readonly #open = new Set<Results>();
  #stopped = false;

  constructor(options: InProcessEndpointOptions<Context>) {
    this.#options = options;
  }

  async execute(request: GraphRequest): Promise<FormattedExecutionResult> {
    if (this.#stopped) throw new GraphStopped();
    const { apollo, authenticate, createContext } = this.#options;
    try {
      const caller = await authenticate(request.authorization);
      const { query, operationName } = request;
      const { body } = await inSpan({ name: 'subgraph operation' }, () =>
        apollo.executeOperation(
          { query, operationName, variables: this.#variablesOf(request) },
          { contextValue: createContext(caller) },
        ),
      );
      if (body.kind !== 'single') throw new Error('The answer came in parts, which nobody asked for.');
      const { data, errors } = body.singleResult;
      return { ...(errors && { errors }), ...(data !== undefined && { data: ownedValue(data) }) };
    } catch (error) {
      if (error instanceof PlatformError) return { errors: [refusalOf(error)] };
      throw error;
    }
  }

  subscribe(request: GraphRequest): AsyncIterableIterator<FormattedExecutionResult> {
    const beginning = this.#begin(request);
    // Told to whoever pulls.
    beginning.catch(() => undefined);
    return {
      next: async () => this.#next(await beginning),
      return: async () => {
        const results = await beginning.catch(() => undefined);
        if (results) await this.#end(results);
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** Takes no more requests, and breaks off what is open. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#open].map((results) => this.#end(results)));
  }

  async #begin(request: GraphRequest): Promise<Results> {
    const { live, authenticate } = this.#options;
    if (this.#stopped) throw new GraphStopped();
    try {
      const caller = await authenticate(request.authorization);
      const prepared = live.prepare(caller, { ...request, variables: this.#variablesOf(request) });
      if (!('schema' in prepared)) throw new StreamRefused(live.formattedErrors(prepared));
      const begun = await subscribe(prepared);
      if (!('next' in begun)) throw new StreamRefused(live.formattedErrors(begun.errors ?? []));
      const results = live.marked(begun as Results, prepared.contextValue);
      this.#open.add(results);
      return results;
    } catch (error) {
      throw error instanceof PlatformError ? new StreamRefused([refusalOf(error)]) : error;
    }
  }

  async #next(results: Results): Promise<IteratorResult<FormattedExecutionResult, undefined>> {
    const { live } = this.#options;
    let result: IteratorResult<ExecutionResult, undefined>;
    try {
      result = await results.next();
    } catch (error) {
      this.#open.delete(results);
      const reason = error instanceof Error ? error : new Error('The stream broke off.', { cause: error });
      const told = reason instanceof GraphQLError ? reason : asGraphQLError(reason);
      throw new StreamRefused(live.formattedErrors([told]));
    }
    if (!result.done) return { done: false, value: ownedResult(live.formatted(result.value)) };
    // One that ended by itself is told from one that was ended here.
    if (this.#open.delete(results) || !this.#stopped) return result;
    throw new GraphStopped();
  }

  async #end(results: Results): Promise<void> {
    this.#open.delete(results);
    await results.return?.();
  }

  /** The variables as if they had been sent: resolvers may do with them what they like. */
  #variablesOf({ query, variables }: GraphRequest): Record<string, unknown> | undefined {
    const { bodyLimit } = this.#options;
    const sent = JSON.stringify(variables ?? {});
    if (query.length + Buffer.byteLength(sent) > bodyLimit) throw new BodyTooLarge(bodyLimit);
    return variables && (JSON.parse(sent) as Record<string, unknown>);
  }
}

function ownedResult(result: FormattedExecutionResult): FormattedExecutionResult {
  return result.data ? { ...result, data: ownedValue(result.data) } : result;
}

function asGraphQLError(originalError: Error): GraphQLError {
  return new GraphQLError(originalError.message, { originalError });
}
