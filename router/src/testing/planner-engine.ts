import { unifiedGraphHandler } from '@graphql-hive/router-runtime';
import {
  execute as executeLocally,
  getOperationAST,
  GraphQLError,
  Kind,
  OperationTypeNode,
  print,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { fragmentsOf, isSchemaField, rootFieldsOf, withRootFields } from '../operations/root-fields.js';
import { type SubgraphClient, type SubgraphRequest } from '../subgraphs/subgraph-client.js';
import { mappedStream } from '../engine/mapped-stream.js';
import { NullPropagation } from './null-propagation.js';
import { type EngineOperation, type OperationContext, type RouterEngine } from '../engine/router-engine.js';
import { subgraphNames, supergraphSchema } from '../engine/supergraph.js';

type Handler = Awaited<ReturnType<typeof unifiedGraphHandler>>;
type OnSubgraphExecute = Parameters<typeof unifiedGraphHandler>[0]['onSubgraphExecute'];
type Executor = NonNullable<Handler['executor']>;

/** What the runtime hands through to {@link callSubgraph}. */
interface PlanContext {
  readonly operation: OperationContext;
  /** Takes the place of the upstream subscription: notes what to subscribe to, or gives the event at hand. */
  readonly upstream?: (request: SubgraphRequest) => ExecutionResult;
}

/** An operation taken apart once; kept as long as its document is. */
interface Compiled {
  readonly kind: OperationTypeNode;
  /** Root fields that the subgraphs answer. */
  readonly federated?: DocumentNode;
  /** `__schema` and `__type`, which the router answers. */
  readonly local?: DocumentNode;
  readonly nulls: NullPropagation;
}

/**
 * Engine on the Rust query planner and its runtime's executor, with our own connections to the subgraphs.
 *
 * Three traits of that executor are made good here: it does not propagate nulls, it keeps errors of one subscription event
 * for all later ones (so each event gets an execution of its own), and it remembers a plan whose making was aborted (so it
 * is never given the client's signal; the calls to the subgraphs carry it instead).
 */
export class PlannerEngine implements RouterEngine {
  readonly schema: GraphQLSchema;
  readonly #executor: Executor;
  readonly #client: SubgraphClient;
  readonly #compiled = new WeakMap<DocumentNode, Map<string, Compiled>>();

  private constructor(schema: GraphQLSchema, executor: Executor, client: SubgraphClient) {
    this.schema = schema;
    this.#executor = executor;
    this.#client = client;
  }

  /** @throws where the schema is no supergraph, names a subgraph without address, or is none that the planner takes. */
  static async create(supergraph: string, client: SubgraphClient): Promise<RouterEngine> {
    const unifiedGraph = supergraphSchema(supergraph);
    const subgraphs = subgraphNames(unifiedGraph);
    if (subgraphs.length === 0) throw new Error('The schema is no supergraph: it names no subgraphs.');
    const missing = subgraphs.filter((name) => !client.names.has(name));
    if (missing.length > 0) throw new Error(`No address is known for the subgraphs ${missing.join(', ')}.`);
    const handler = await unifiedGraphHandler({
      unifiedGraph,
      getUnifiedGraphSDL: () => supergraph,
      onSubgraphExecute: ((subgraph, request) =>
        callSubgraph(client, subgraph, request)) as OnSubgraphExecute,
    });
    if (!handler.executor) throw new Error('The query planner gave no executor.');
    // The runtime derives a subgraph's schema at its first use; better now than during a client's request.
    for (const name of subgraphs) handler.getSubgraphSchema(name);
    return new PlannerEngine(handler.unifiedGraph, handler.executor, client);
  }

  compile(operation: EngineOperation): Promise<void> {
    this.#compile(operation);
    return Promise.resolve();
  }

  async execute(
    operation: EngineOperation,
    context: OperationContext,
  ): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>> {
    const compiled = this.#compile(operation);
    if (compiled.kind === OperationTypeNode.SUBSCRIPTION)
      return this.#subscribe(operation, compiled, context);
    const parts: ExecutionResult[] = [];
    if (compiled.federated)
      parts.push(await this.#run(operation, compiled.federated, { operation: context }));
    if (compiled.local) parts.push(await this.#describe(operation, compiled.local));
    return compiled.nulls.apply(merged(parts));
  }

  async #subscribe(operation: EngineOperation, compiled: Compiled, context: OperationContext) {
    const document = compiled.federated ?? operation.document;
    let wanted: SubgraphRequest | undefined;
    const opening = await this.#run(operation, document, {
      operation: context,
      upstream: (request) => {
        wanted = request;
        return {};
      },
    });
    if (!wanted) return compiled.nulls.apply(opening);
    const upstream = this.#client.subscribe(wanted);
    const enrich = async (event: ExecutionResult): Promise<ExecutionResult> =>
      // Without data there is nothing to enrich, and its errors are the whole story.
      !event.data && !event.errors
        ? event
        : !event.data
          ? { ...event, data: null }
          : compiled.nulls.apply(
              await this.#run(operation, document, { operation: context, upstream: () => event }),
            );
    return mappedStream(upstream, enrich);
  }

  async #run(operation: EngineOperation, document: DocumentNode, context: PlanContext) {
    const result = await this.#executor({
      document,
      operationName: operation.operationName,
      variables: { ...operation.variables },
      context,
    });
    if (Symbol.asyncIterator in result)
      throw new Error('The executor streamed where it had nothing to stream.');
    return result as ExecutionResult;
  }

  async #describe({ operationName, variables }: EngineOperation, document: DocumentNode) {
    return executeLocally({ schema: this.schema, document, operationName, variableValues: variables });
  }

  #compile({ document, operationName = '' }: EngineOperation): Compiled {
    let operations = this.#compiled.get(document);
    if (!operations) this.#compiled.set(document, (operations = new Map<string, Compiled>()));
    let compiled = operations.get(operationName);
    if (!compiled) operations.set(operationName, (compiled = compile(this.schema, document, operationName)));
    return compiled;
  }
}

function compile(schema: GraphQLSchema, document: DocumentNode, operationName: string): Compiled {
  const operation = getOperationAST(document, operationName || undefined);
  if (!operation) throw new GraphQLError('There is no such operation in the document.');
  const fragments = fragmentsOf(document);
  const nulls = new NullPropagation(schema, operation, fragments);
  const fields = [...rootFieldsOf(operation, fragments)];
  const kind = operation.operation;
  if (fields.every(isMetaField) && kind !== OperationTypeNode.SUBSCRIPTION)
    return { kind, local: document, nulls };
  if (!fields.some(isSchemaField)) return { kind, federated: document, nulls };
  const only = (kept: OperationDefinitionNode | undefined): DocumentNode | undefined =>
    kept && { kind: Kind.DOCUMENT, definitions: [kept, ...fragments.values()] };
  return {
    kind,
    federated: only(withRootFields(operation, fragments, (field) => !isSchemaField(field))),
    local: only(withRootFields(operation, fragments, isSchemaField)),
    nulls,
  };
}

function isMetaField({ name }: { name: { value: string } }): boolean {
  return name.value.startsWith('__');
}

function merged(parts: readonly ExecutionResult[]): ExecutionResult {
  const errors = parts.flatMap((part) => part.errors ?? []);
  const data = parts.some((part) => part.data)
    ? Object.fromEntries(parts.flatMap((part) => Object.entries(part.data ?? {})))
    : null;
  return { data, ...(errors.length > 0 && { errors }) };
}

const printed = new WeakMap<DocumentNode, string>();

function textOf(document: DocumentNode): string {
  let text = printed.get(document);
  if (text === undefined) printed.set(document, (text = print(document)));
  return text;
}

interface RuntimeRequest {
  readonly document: DocumentNode;
  readonly operationType?: OperationTypeNode;
  readonly operationName?: string;
  readonly variables?: Record<string, unknown>;
  readonly context?: PlanContext;
}

function callSubgraph(
  client: SubgraphClient,
  subgraph: string,
  { document, operationType = OperationTypeNode.QUERY, operationName, variables, context }: RuntimeRequest,
): Promise<ExecutionResult> | ExecutionResult {
  if (!context) throw new Error('A call to a subgraph came without its context.');
  const { authorization, requestId, signal } = context.operation;
  const request: SubgraphRequest = {
    subgraph,
    operation: operationType,
    query: textOf(document),
    operationName,
    variables,
    authorization,
    requestId,
    signal,
  };
  if (operationType !== OperationTypeNode.SUBSCRIPTION) return client.request(request);
  if (!context.upstream) throw new Error('A subscription was planned outside of a subscription.');
  return context.upstream(request);
}
