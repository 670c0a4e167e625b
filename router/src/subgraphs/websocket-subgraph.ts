import { type ExecutionResult } from 'graphql';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { SlowConsumerError, StreamRefusedError, SubgraphError } from '../errors.js';
import { BoundedQueue } from '../live/bounded-queue.js';
import { errorsOf } from './http-subgraph.js';
import { headersFrom, type SubgraphRequest } from './subgraph-client.js';

/** Bounds of the subscriptions to a subgraph. */
export interface WebSocketSubgraphLimits {
  /** Events that may wait for a consumer; one more ends its stream. */
  readonly bufferedEvents: number;
  /** Interval of the pings that find a dead connection, in milliseconds. */
  readonly keepAliveMs: number;
  /** Longest message taken from a subgraph. */
  readonly maxMessageBytes: number;
}

/** Subscriptions of one subgraph over `graphql-transport-ws`, a connection each, as the token belongs to the connection. */
export class WebSocketSubgraph {
  readonly #name: string;
  readonly #url: string;
  readonly #limits: WebSocketSubgraphLimits;

  constructor(name: string, url: string, limits: WebSocketSubgraphLimits) {
    this.#name = name;
    this.#url = url;
    this.#limits = limits;
  }

  subscribe({
    query,
    variables,
    operationName,
    authorization,
    requestId,
    headers: sources,
  }: SubgraphRequest) {
    const { bufferedEvents, maxMessageBytes, keepAliveMs } = this.#limits;
    const client = createClient({
      url: this.#url,
      webSocketImpl: class extends WebSocket {
        constructor(address: string, protocols: string) {
          super(address, protocols, { maxPayload: maxMessageBytes, headers: { 'x-request-id': requestId } });
        }
      },
      connectionParams: authorization === undefined ? {} : { authorization },
      lazy: true,
      lazyCloseTimeout: 0,
      retryAttempts: 0,
      keepAlive: keepAliveMs,
      // Failures reach the sink; there is nothing to add on the console.
      onNonLazyError: () => undefined,
    });
    const body = JSON.stringify({ query, variables, operationName });
    const headers = headersFrom(sources, { subgraph: this.#name, url: new URL(this.#url), body });
    let unsubscribe: () => void = () => undefined;
    const queue = new BoundedQueue<ExecutionResult>({
      capacity: bufferedEvents,
      onOverflow: () => new SlowConsumerError(`${bufferedEvents} events of a subgraph`),
      onReturn: () => {
        unsubscribe();
      },
    });
    unsubscribe = client.subscribe(
      // Subgraphs that know of cursors say where the stream begins, before its first event.
      { query, variables, operationName, extensions: { cursor: true, headers } },
      {
        next: ({ data, errors, extensions }) => {
          queue.push({ data, errors: errorsOf(errors), extensions: markOf(extensions) });
        },
        error: (error) => {
          // An array is the subgraph's own refusal; anything else is a connection that failed.
          const refusal = errorsOf(error);
          queue.end(refusal ? new StreamRefusedError(refusal) : this.#unavailable(error));
        },
        complete: () => {
          queue.end();
        },
      },
    );
    return queue;
  }

  #unavailable(cause: unknown): SubgraphError {
    const message = `The subgraph "${this.#name}" is not available.`;
    return new SubgraphError('SUBGRAPH_UNAVAILABLE', message, this.#name, { cause });
  }
}

/** Of what a subgraph adds to a result, only the cursor means something here. */
export function markOf(extensions: unknown): { cursor: string } | undefined {
  const cursor: unknown =
    typeof extensions === 'object' && extensions !== null && 'cursor' in extensions && extensions.cursor;
  return typeof cursor === 'string' ? { cursor } : undefined;
}
