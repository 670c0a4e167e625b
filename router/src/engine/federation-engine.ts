import { type QueryPlan, type QueryPlanner } from '@graphql-hive/router-query-planner';
import {
  execute as executeLocally,
  getOperationAST,
  getVariableValues,
  OperationTypeNode,
  print,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { inSpan } from '@medigraph/platform/tracing';
import { type SubgraphClient } from '../subgraphs/subgraph-client.js';
import { contextOfOperation } from '../telemetry/operation-traces.js';
import { compileOperation, type CompiledOperation } from './compiled-operation.js';
import { carryDirectives } from './linked-directives.js';
import { cursorOf, withCursor } from './live-cursor.js';
import { mappedStream } from './mapped-stream.js';
import { nativePlanner } from './native-planner.js';
import { PlanExecution } from './plan-execution.js';
import { ResponseErrors } from './response-errors.js';
import { mergeInto } from './response-object.js';
import { type EngineOperation, type OperationContext, type RouterEngine } from './router-engine.js';
import { conditionVariables, withSettledConditions } from './settled-conditions.js';
import { publicSchema, subgraphNames, supergraphSchema } from './supergraph.js';
import { TypeConditions } from './type-conditions.js';
import { withoutDefer } from './without-defer.js';

/** Plans kept of one document: for its operations, and for what callers are not given. */
const maxVariants = 64;

/**
 * Plans operations with the Rust query planner and executes them itself. All that a document decides - its plan, the shape of
 * its response - is compiled at its first use, so that a request walks no syntax tree.
 */
export class FederationEngine implements RouterEngine {
  readonly schema: GraphQLSchema;
  readonly #planner: QueryPlanner;
  readonly #conditions: TypeConditions;
  readonly #client: SubgraphClient;
  /** A document's plans are kept for as long as the document is: whoever keeps documents bounds both. */
  readonly #compiled = new WeakMap<DocumentNode, LRUCache<string, Promise<CompiledOperation>>>();

  /** Documents that the planner finds no plan for which holds whatever their conditions say. */
  readonly #settled = new WeakSet<DocumentNode>();

  private constructor(planner: QueryPlanner, supergraph: GraphQLSchema, client: SubgraphClient) {
    this.schema = publicSchema(planner.consumerSchema);
    carryDirectives(supergraph, this.schema);
    this.#planner = planner;
    this.#conditions = new TypeConditions(supergraph);
    this.#client = client;
  }

  /** @throws where the schema is no supergraph, names a subgraph without address, or is none that the planner takes. */
  static create(supergraph: string, client: SubgraphClient): RouterEngine {
    const schema = supergraphSchema(supergraph);
    const subgraphs = subgraphNames(schema);
    if (subgraphs.length === 0) throw new Error('The schema is no supergraph: it names no subgraphs.');
    const missing = subgraphs.filter((name) => !client.names.has(name));
    if (missing.length > 0) throw new Error(`No address is known for the subgraphs ${missing.join(', ')}.`);
    const Planner = nativePlanner();
    return new FederationEngine(new Planner(supergraph), schema, client);
  }

  async compile(operation: EngineOperation): Promise<void> {
    await this.#compile(operation);
  }

  async execute(
    operation: EngineOperation,
    context: OperationContext,
  ): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>> {
    const compiled = await inSpan({ name: 'plan', parent: contextOfOperation(context.origin) }, () =>
      this.#compile(operation),
    );
    const values = getVariableValues(this.schema, compiled.variables, operation.variables ?? {});
    if (values.errors) return { errors: values.errors };
    const begin = (): PlanExecution =>
      new PlanExecution(this.#client, context, values.coerced, new ResponseErrors());
    if (compiled.kind === OperationTypeNode.SUBSCRIPTION) return this.#subscribe(compiled, begin);
    const execution = begin();
    await compiled.steps?.(execution);
    if (compiled.local) await this.#describe(compiled.local, operation, execution);
    return this.#completed(compiled, execution);
  }

  #subscribe({ subscription, ...compiled }: CompiledOperation, begin: () => PlanExecution) {
    if (!subscription) return this.#completed(compiled, begin());
    const source = this.#client.subscribe(begin().request(subscription.request));
    return mappedStream(source, async (event): Promise<ExecutionResult> => {
      const cursor = cursorOf(event);
      // A mark of where the stream begins is no event.
      if (!event.data && !event.errors && cursor !== undefined) return withCursor({}, cursor);
      const execution = begin();
      subscription.take(event, execution);
      // Without data there is nothing to add to, and its errors are the whole story.
      if (!event.data) return withCursor({ errors: execution.errors.list, data: null }, cursor);
      await compiled.steps?.(execution);
      return withCursor(this.#completed(compiled, execution), cursor);
    });
  }

  /** Answers what is asked of the schema itself. */
  async #describe(
    document: DocumentNode,
    { operationName, variables }: EngineOperation,
    { data, errors }: PlanExecution,
  ): Promise<void> {
    const described = await executeLocally({
      schema: this.schema,
      document,
      operationName,
      variableValues: variables,
    });
    for (const error of described.errors ?? []) errors.add(error);
    if (described.data) mergeInto(data, described.data);
  }

  #completed(
    { projection }: Pick<CompiledOperation, 'projection'>,
    execution: PlanExecution,
  ): ExecutionResult {
    const { errors, variables } = execution;
    const data = projection.apply(execution.data, variables, errors);
    return errors.list.length > 0 ? { errors: errors.list, data } : { data };
  }

  /**
   * The operation, compiled for all requests that share its plan. What `@skip` and `@include` say is part of a plan; where the planner
   * finds none for a document with conditions, each combination of their values gets one of its own.
   */
  async #compile(operation: EngineOperation): Promise<CompiledOperation> {
    if (!this.#settled.has(operation.document)) {
      try {
        return await this.#variant(operation, '', (document) => document);
      } catch (error) {
        if (conditionVariables(operation.document).length === 0) throw error;
        this.#settled.add(operation.document);
      }
    }
    const { document, operationName, variables = {} } = operation;
    const declared = getOperationAST(document, operationName)?.variableDefinitions ?? [];
    const { coerced = {} } = getVariableValues(this.schema, declared, variables);
    const values = conditionVariables(document).map((name) => coerced[name] === true);
    return this.#variant(operation, values.join(), (asked) => withSettledConditions(asked, coerced));
  }

  #variant(
    { document, operationName, withheld }: EngineOperation,
    settled: string,
    settle: (document: DocumentNode) => DocumentNode,
  ): Promise<CompiledOperation> {
    const overrides = this.#planner.overridePercentages;
    const percentage = overrides.length > 0 ? Math.random() * 100 : 0;
    const overridden = overrides.filter((threshold) => percentage > threshold).length;
    const key = `${overridden} ${settled} ${operationName ?? ''} ${withheld?.key ?? ''}`;
    let operations = this.#compiled.get(document);
    if (!operations) this.#compiled.set(document, (operations = new LRUCache({ max: maxVariants })));
    let compiled = operations.get(key);
    if (!compiled) {
      const { schema } = this;
      const plan = (asked: DocumentNode): Promise<QueryPlan> =>
        // Never with the client's signal: others wait for the same plan.
        this.#planner.planAsync(print(withoutDefer(settle(asked))), operationName, new Set(), percentage);
      const conditions = this.#conditions;
      compiled = compileOperation({ schema, conditions, withheld, plan }, document, operationName);
      operations.set(key, compiled);
      const forget = operations;
      compiled.catch(() => forget.delete(key));
    }
    return compiled;
  }
}
