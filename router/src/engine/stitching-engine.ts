import { getStitchedSchemaFromSupergraphSdl } from '@graphql-tools/federation';
import { type ExecutionRequest, type Executor } from '@graphql-tools/utils';
import {
  execute,
  getOperationAST,
  GraphQLError,
  lexicographicSortSchema,
  OperationTypeNode,
  print,
  printSchema,
  subscribe,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import { type SubgraphClient, type SubgraphRequest } from '../subgraphs/subgraph-client.js';
import { cursorOf, withCursor } from './live-cursor.js';
import { mappedStream } from './mapped-stream.js';
import { type EngineOperation, type OperationContext, type RouterEngine } from './router-engine.js';
import { publicSchema, subgraphNames, supergraphSchema } from './supergraph.js';

/** What resolvers hand through to the subgraphs. */
interface StitchingContext {
  readonly operation: OperationContext;
  /** Stands in for the subscription upstream: notes what it would be, or gives the event at hand. */
  readonly upstream?: (request: SubgraphRequest) => readonly ExecutionResult[];
}

/**
 * Executes operations by schema stitching, in JavaScript alone: several times slower than {@link FederationEngine}, for platforms
 * that its planner has no binary for.
 */
export class StitchingEngine implements RouterEngine {
  readonly schema: GraphQLSchema;
  readonly #stitched: GraphQLSchema;
  readonly #client: SubgraphClient;

  private constructor(stitched: GraphQLSchema, client: SubgraphClient) {
    this.schema = publicSchema(printSchema(lexicographicSortSchema(stitched)));
    this.#stitched = stitched;
    this.#client = client;
  }

  /** @throws where the schema is no supergraph, or names a subgraph without address. */
  static create(supergraph: string, client: SubgraphClient): RouterEngine {
    const subgraphs = subgraphNames(supergraphSchema(supergraph));
    if (subgraphs.length === 0) throw new Error('The schema is no supergraph: it names no subgraphs.');
    const missing = subgraphs.filter((name) => !client.names.has(name));
    if (missing.length > 0) throw new Error(`No address is known for the subgraphs ${missing.join(', ')}.`);
    const stitched = getStitchedSchemaFromSupergraphSdl({
      supergraphSdl: supergraph,
      batch: true,
      onSubschemaConfig: (config) => {
        const name = subgraphs.find((known) => sameName(known, config.name)) ?? config.name;
        config.executor = executorOf(name, client);
      },
    });
    return new StitchingEngine(stitched, client);
  }

  compile({ document, operationName }: EngineOperation): Promise<void> {
    return getOperationAST(document, operationName)
      ? Promise.resolve()
      : Promise.reject(new GraphQLError('There is no such operation in the document.'));
  }

  async execute(
    operation: EngineOperation,
    context: OperationContext,
  ): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>> {
    const kind = getOperationAST(operation.document, operation.operationName)?.operation;
    if (kind === OperationTypeNode.SUBSCRIPTION) return this.#subscribe(operation, context);
    return execute(this.#arguments(operation, { operation: context }));
  }

  /** Each event is an execution of its own, so that errors of one are not those of the next. */
  async #subscribe(operation: EngineOperation, context: OperationContext) {
    let wanted: SubgraphRequest | undefined;
    const opening = await this.#firstOf(operation, context, (request) => {
      wanted = request;
      return [];
    });
    if (!wanted) return opening ?? { data: null };
    return mappedStream(this.#client.subscribe(wanted), async (event): Promise<ExecutionResult> => {
      const cursor = cursorOf(event);
      if (!event.data && !event.errors && cursor !== undefined) return withCursor({}, cursor);
      if (!event.data) return withCursor({ ...event, data: null }, cursor);
      const enriched = await this.#firstOf(operation, context, () => [event]);
      return withCursor(enriched ?? { data: null }, cursor);
    });
  }

  async #firstOf(
    operation: EngineOperation,
    context: OperationContext,
    upstream: StitchingContext['upstream'],
  ): Promise<ExecutionResult | undefined> {
    const results = await subscribe(this.#arguments(operation, { operation: context, upstream }));
    if (!('next' in results)) return results;
    const first = await results.next();
    await results.return();
    return first.done ? undefined : first.value;
  }

  #arguments({ document, operationName, variables }: EngineOperation, contextValue: StitchingContext) {
    return {
      schema: this.#stitched,
      document,
      operationName,
      variableValues: variables,
      contextValue,
    } satisfies ExecutionArgs;
  }
}

/** The library names a subgraph as the supergraph's enum does, in capitals and without other signs. */
function sameName(name: string, enumValue: string): boolean {
  const plain = (text: string): string => text.replaceAll(/[^a-z\d]/gi, '').toLowerCase();
  return name === enumValue || plain(name) === plain(enumValue);
}

function executorOf(subgraph: string, client: SubgraphClient): Executor {
  const ask = ({ document, variables, operationName, operationType, context }: ExecutionRequest) => {
    const { operation, upstream } = context as StitchingContext;
    const { authorization, requestId, signal } = operation;
    const request: SubgraphRequest = {
      subgraph,
      operation: operationType ?? getOperationAST(document, operationName)?.operation ?? 'query',
      query: print(document),
      operationName,
      variables: variables as Record<string, unknown> | undefined,
      authorization,
      requestId,
      signal,
    };
    if (request.operation !== 'subscription') return client.request(request);
    return once(upstream?.(request) ?? []);
  };
  // The library's type lets its caller choose the type of the data.
  return ask as Executor;
}

async function* once(results: readonly ExecutionResult[]): AsyncGenerator<ExecutionResult> {
  await Promise.resolve();
  yield* results;
}
