import { type FormattedExecutionResult, type GraphQLFormattedError } from 'graphql';

/** An operation for a subgraph that runs in the same process. */
export interface GraphRequest {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** As the header of that name: `Bearer …`. */
  readonly authorization?: string;
}

/** A subscription that the subgraph would not begin, or ended for a reason of its own. */
export class StreamRefused extends Error {
  constructor(readonly errors: readonly GraphQLFormattedError[]) {
    super(errors[0]?.message);
  }
}

/** The subgraph has stopped: what is open breaks off, as a connection to another process would. */
export class GraphStopped extends Error {}

/**
 * The graph of a subgraph, called within its process. Only the transport is left out: who calls, how much may be asked, what may be
 * seen and how failures are told is decided by the same parts as over HTTP and WebSocket.
 */
export interface InProcessGraph {
  /** Executes a query or mutation; refusals are in the result. @throws {@link GraphStopped} */
  execute(request: GraphRequest): Promise<FormattedExecutionResult>;
  /**
   * Begins a subscription. Its events are made as they are pulled; where the subgraph knows where the stream begins, a first result
   * says it by `extensions.cursor` alone. Rejects with {@link StreamRefused} or {@link GraphStopped}.
   */
  subscribe(request: GraphRequest): AsyncIterableIterator<FormattedExecutionResult>;
}
