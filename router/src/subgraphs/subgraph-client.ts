import { type InProcessGraph } from '@medigraph/platform/in-process-graph';
import { type ExecutionResult } from 'graphql';

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

/** What the planner wants of one subgraph. */
export interface SubgraphRequest {
  readonly subgraph: string;
  readonly operation: 'query' | 'mutation' | 'subscription';
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly authorization?: string;
  readonly requestId: string;
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
