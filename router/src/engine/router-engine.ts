import { type DocumentNode, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { type OperationOrigin } from '../operations/prepared-operation.js';
import { type SubgraphClient } from '../subgraphs/subgraph-client.js';
import { type WithheldFields } from './withheld-fields.js';

/** One operation, parsed and valid against {@link RouterEngine.schema}. Equal documents are the same object. */
export interface EngineOperation {
  readonly document: DocumentNode;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Fields that are not asked of any subgraph. */
  readonly withheld?: WithheldFields;
}

/** What travels with an operation to the subgraphs. */
export interface OperationContext {
  /** The client's `Authorization`, forwarded unchanged: each subgraph verifies it again. */
  readonly authorization?: string;
  /** Names the request in every log on its way. */
  readonly requestId: string;
  /** Who asked, and how; absent for what the router asks of its own. */
  readonly origin?: OperationOrigin;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/**
 * Plans and executes operations over the subgraphs of one supergraph. The edges know nothing else of it, so that another
 * engine can take its place.
 */
export interface RouterEngine {
  /** What clients see: the supergraph without federation's own types and directives. */
  readonly schema: GraphQLSchema;

  /** Makes everything ready for an operation without executing it. @throws where there is no way to answer it */
  compile(operation: EngineOperation): Promise<void>;

  /**
   * Answers a query or mutation with its result, a subscription with its results as they come. Failing subgraphs show as
   * errors in the result. A stream is pulled: nothing is fetched ahead of its consumer, and `return()` ends it upstream. Where the
   * subgraph says where the stream stands, the result's `extensions.cursor` does; a stream that breaks off rejects with a
   * `SubgraphError`, `SlowConsumerError` or `StreamRefusedError`.
   */
  execute(
    operation: EngineOperation,
    context: OperationContext,
  ): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>>;
}

/** Makes an engine for a supergraph (SDL) whose subgraphs are reached through `client`. */
export type EngineFactory = (
  supergraph: string,
  client: SubgraphClient,
) => RouterEngine | Promise<RouterEngine>;
