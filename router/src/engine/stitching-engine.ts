import { getStitchedSchemaFromSupergraphSdl } from '@graphql-tools/federation';
import { type ExecutionRequest, type Executor } from '@graphql-tools/utils';
import {
  execute,
  getOperationAST,
  getVariableValues,
  GraphQLError,
  Kind,
  lexicographicSortSchema,
  OperationTypeNode,
  parse,
  print,
  printSchema,
  subscribe,
  visit,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type FieldNode,
  type GraphQLSchema,
} from 'graphql';
import { fragmentsOf, isSchemaField, withRootFields } from '../operations/root-fields.js';
import { type SubgraphClient, type SubgraphRequest } from '../subgraphs/subgraph-client.js';
import { carryDirectives } from './linked-directives.js';
import { cursorOf, withCursor } from './live-cursor.js';
import { mappedStream } from './mapped-stream.js';
import { narrowedOperation } from './narrowed-operation.js';
import { Projection } from './projection.js';
import { ResponseErrors } from './response-errors.js';
import { type EngineOperation, type OperationContext, type RouterEngine } from './router-engine.js';
import { publicSchema, subgraphNames, supergraphSchema } from './supergraph.js';
import { withoutDefer } from './without-defer.js';

const nothing = parse('{ __typename }').definitions;
const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

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

  private constructor(stitched: GraphQLSchema, supergraph: GraphQLSchema, client: SubgraphClient) {
    this.schema = publicSchema(printSchema(lexicographicSortSchema(stitched)));
    carryDirectives(supergraph, this.schema);
    this.#stitched = stitched;
    this.#client = client;
  }

  /** @throws where the schema is no supergraph, or names a subgraph without address. */
  static create(supergraph: string, client: SubgraphClient): RouterEngine {
    const schema = supergraphSchema(supergraph);
    const subgraphs = subgraphNames(schema);
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
    return new StitchingEngine(stitched, schema, client);
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
    const result = await this.#presented(
      operation,
      execute(this.#arguments(operation, { operation: context })),
    );
    return this.#described(operation, result);
  }

  /** What is asked of the schema itself is answered by the one that clients see, not by the stitched one. */
  async #described(
    { document, operationName, variables: variableValues }: EngineOperation,
    result: ExecutionResult,
  ): Promise<ExecutionResult> {
    const operation = getOperationAST(document, operationName);
    const fragments = fragmentsOf(document);
    const local = operation && withRootFields(operation, fragments, isSchemaField);
    if (!local || !result.data) return result;
    const definitions = [local, ...fragments.values()];
    const { data } = await execute({
      schema: this.schema,
      document: { kind: Kind.DOCUMENT, definitions },
      operationName,
      variableValues,
    });
    return { ...result, data: { ...result.data, ...data } };
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
    if (!('next' in results)) return this.#presented(operation, results);
    const first = await results.next();
    await results.return();
    return first.done ? undefined : this.#presented(operation, first.value);
  }

  /** What is withheld from the caller is null with its error, and was not asked for. */
  async #presented(
    { document, operationName, variables = {}, withheld }: EngineOperation,
    executed: ExecutionResult | Promise<ExecutionResult>,
  ): Promise<ExecutionResult> {
    const { data, errors: found = [], ...result } = await executed;
    const operation = withheld && getOperationAST(document, operationName);
    if (!operation || !data) return { ...result, data, ...(found.length > 0 && { errors: found }) };
    const errors = new ResponseErrors();
    for (const error of found) errors.add(error);
    const declared = getVariableValues(this.schema, operation.variableDefinitions ?? [], variables);
    const projection = new Projection(this.schema, operation, fragmentsOf(document), withheld);
    const shown = projection.apply(data, declared.coerced ?? {}, errors);
    return { ...result, data: shown, ...(errors.list.length > 0 && { errors: errors.list }) };
  }

  /** The document as it is asked of the subgraphs. */
  #asked({ document, operationName, withheld }: EngineOperation): DocumentNode {
    const operation = getOperationAST(document, operationName);
    if (!withheld || !operation) return withoutDefer(document);
    const narrowed = narrowedOperation(this.schema, operation, fragmentsOf(document), withheld);
    const definitions = narrowed.operation ? [narrowed.operation, ...narrowed.fragments.values()] : nothing;
    return visit(withoutDefer({ kind: Kind.DOCUMENT, definitions }), {
      // The objects of an abstract type are shown by their types.
      SelectionSet: (node) => ({ ...node, selections: [...node.selections, typename] }),
    });
  }

  #arguments(operation: EngineOperation, contextValue: StitchingContext) {
    const { operationName, variables } = operation;
    return {
      schema: this.#stitched,
      document: this.#asked(operation),
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
    const { authorization, requestId, origin, signal } = operation;
    const request: SubgraphRequest = {
      subgraph,
      operation: operationType ?? getOperationAST(document, operationName)?.operation ?? 'query',
      query: print(document),
      operationName,
      variables: variables as Record<string, unknown> | undefined,
      authorization,
      requestId,
      origin,
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
