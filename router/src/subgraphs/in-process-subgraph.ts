import { GraphStopped, StreamRefused, type InProcessGraph } from '@medigraph/platform/in-process-graph';
import { type ExecutionResult } from 'graphql';
import { StreamRefusedError, SubgraphError } from '../errors.js';
import { errorsOf } from './http-subgraph.js';
import { type SubgraphRequest } from './subgraph-client.js';
import { markOf } from './websocket-subgraph.js';

/** A subgraph that runs in the router's own process: called without a connection, and held to the same deadline. */
export class InProcessSubgraph {
  readonly #name: string;
  readonly #graph: InProcessGraph;
  readonly #timeoutMs: number;

  constructor(name: string, graph: InProcessGraph, { timeoutMs }: { readonly timeoutMs: number }) {
    this.#name = name;
    this.#graph = graph;
    this.#timeoutMs = timeoutMs;
  }

  /** Executes a query or mutation; every failure is a result with a coded error. */
  async request(request: SubgraphRequest): Promise<ExecutionResult> {
    try {
      const { data, errors } = await this.#inTime(request.signal, this.#graph.execute(request));
      return { data: data ?? null, errors: errorsOf(errors) };
    } catch (error) {
      const failure = error instanceof SubgraphError ? error : this.#unavailable(error);
      return { errors: failure.toGraphQLErrors() };
    }
  }

  /** Subscribes. Events are pulled, so that none can wait for a slow consumer. */
  subscribe(request: SubgraphRequest): AsyncIterableIterator<ExecutionResult> {
    const results = this.#graph.subscribe(request);
    return {
      next: async () => {
        try {
          const result = await results.next();
          if (result.done) return { done: true, value: undefined };
          const { data, errors, extensions } = result.value;
          return {
            done: false,
            value: { data, errors: errorsOf(errors), extensions: markOf(extensions) },
          };
        } catch (error) {
          throw error instanceof StreamRefused
            ? new StreamRefusedError(errorsOf(error.errors) ?? [])
            : this.#unavailable(error);
        }
      },
      return: async () => {
        await results.return?.();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** Whether it still serves: a request without a token is refused, which is an answer. */
  async answers(): Promise<boolean> {
    try {
      await this.#graph.execute({ query: '{ __typename }' });
      return true;
    } catch (error) {
      return !(error instanceof GraphStopped);
    }
  }

  /** The answer, unless nobody waits for it any more before it is there. */
  async #inTime<T>(signal: AbortSignal, answer: Promise<T>): Promise<T> {
    let deadline: NodeJS.Timeout | undefined;
    let onAbort: (() => void) | undefined;
    const tooLate = new Promise<never>((_resolve, reject) => {
      deadline = setTimeout(() => {
        const message = `The subgraph "${this.#name}" gave no answer within ${this.#timeoutMs} ms.`;
        reject(new SubgraphError('SUBGRAPH_TIMEOUT', message, this.#name));
      }, this.#timeoutMs);
      onAbort = () => reject(this.#unavailable(signal.reason));
      signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return await Promise.race([answer, tooLate]);
    } finally {
      clearTimeout(deadline);
      if (onAbort) signal.removeEventListener('abort', onAbort);
    }
  }

  #unavailable(cause: unknown): SubgraphError {
    const message = `The subgraph "${this.#name}" is not available.`;
    return new SubgraphError('SUBGRAPH_UNAVAILABLE', message, this.#name, { cause });
  }
}
