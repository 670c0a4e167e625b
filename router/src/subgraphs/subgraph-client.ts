import { type InProcessGraph } from '@medigraph/platform/in-process-graph';
import { type ExecutionResult } from 'graphql';
import { type OperationOrigin } from '../operations/prepared-operation.js';

/** Where a subgraph answers. */
export interface SubgraphEndpoint {
  /** GraphQL over HTTP. */
  readonly url: string;
  /** GraphQL over WebSocket (`graphql-transport-ws`); by default `url` with the scheme `ws`. */
  readonly wsUrl?: string;
  /** The subgraph itself, where it runs in this process: it is called then, and no connection is made. */
  readonly inProcess?: InProcessGraph;
}

/** The subgraphs of a supergraph, by their names in it. */
export type SubgraphEndpoints = Readonly<Record<string, SubgraphEndpoint>>;

/** A message to a subgraph as it leaves the router. */
export interface OutgoingMessage {
  /** Name of the subgraph in the supergraph. */
  readonly subgraph: string;
  readonly url: URL;
  /** The body of the HTTP request; of a subscription, the GraphQL request as JSON. */
  readonly body: string;
}

/** Headers for a message; of a subscription, what its request has as `extensions.headers`. */
export type HeaderSource = (message: OutgoingMessage) => Readonly<Record<string, string>>;

/** The headers of all sources; undefined where there are none. */
export function headersFrom(
  sources: readonly HeaderSource[] | undefined,
  message: OutgoingMessage,
): Readonly<Record<string, string>> | undefined {
  if (!sources) return undefined;
  const headers: Record<string, string> = {};
  for (const source of sources) Object.assign(headers, source(message));
  return headers;
}

/** What the planner wants of one subgraph. */
export interface SubgraphRequest {
  readonly subgraph: string;
  readonly operation: 'query' | 'mutation' | 'subscription';
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly authorization?: string;
  readonly requestId: string;
  /** Who asked, and how: the same object as at the other hooks. Absent for what the router asks of its own. */
  readonly origin?: OperationOrigin;
  /** What goes along beside the headers of the router, once the message is ready to leave. */
  readonly headers?: readonly HeaderSource[];
  /** Where to send it, in place of the configured address. */
  readonly endpoint?: SubgraphEndpoint;
  readonly signal: AbortSignal;
}

/**
 * Speaks to the subgraphs. Its failures to answer a query are results with coded errors, so that the rest of an answer survives
 * them.
 */
export interface SubgraphClient {
  /** Names of the subgraphs whose address is known. */
  readonly names: ReadonlySet<string>;
  /** Sends a query or mutation. */
  request(request: SubgraphRequest): Promise<ExecutionResult>;
  /**
   * Opens a subscription: a bounded stream, which rejects with `SlowConsumerError` where its consumer falls behind, with
   * `SubgraphError` where the connection fails, and with `StreamRefusedError` where the subgraph wants no more of it. A first
   * result of nothing but `extensions.cursor` says where the stream begins.
   */
  subscribe(request: SubgraphRequest): AsyncIterableIterator<ExecutionResult>;
  /** Names of the subgraphs that do not answer at all. */
  unreachable(timeoutMs: number): Promise<readonly string[]>;
  /** Lets go of idle connections. */
  dispose(): void;
}
