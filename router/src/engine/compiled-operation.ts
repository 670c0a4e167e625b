import { type PlanNode, type QueryPlan, type SubscriptionNode } from '@graphql-hive/router-query-planner';
import {
  getOperationAST,
  GraphQLError,
  Kind,
  OperationTypeNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type VariableDefinitionNode,
} from 'graphql';
import { fragmentsOf, isSchemaField, rootFieldsOf, withRootFields } from '../operations/root-fields.js';
import { compileSteps, inSequence, type Step } from './plan-steps.js';
import { Projection } from './projection.js';
import { RootFetch } from './root-fetch.js';
import { type TypeConditions } from './type-conditions.js';

/** An operation with everything about it that does not depend on one request. */
export interface CompiledOperation {
  readonly kind: OperationTypeNode;
  readonly variables: readonly VariableDefinitionNode[];
  /** What a subscription opens upstream. */
  readonly subscription?: RootFetch;
  /** Fetches what the subgraphs answer; of a subscription, what an event lacks. */
  readonly steps?: Step;
  /** `__schema` and `__type`, which the router answers. */
  readonly local?: DocumentNode;
  readonly projection: Projection;
}

/** What operations are compiled with. */
export interface CompilerOptions {
  /** What clients see. */
  readonly schema: GraphQLSchema;
  /** By the schema of the supergraph. */
  readonly conditions: TypeConditions;
  readonly plan: (document: DocumentNode, operationName: string | undefined) => Promise<QueryPlan>;
}

/** @throws where the document has no such operation, or the planner finds no way to answer it */
export async function compileOperation(
  { schema, conditions, plan }: CompilerOptions,
  document: DocumentNode,
  operationName: string | undefined,
): Promise<CompiledOperation> {
  const operation = getOperationAST(document, operationName);
  if (!operation) throw new GraphQLError('There is no such operation in the document.');
  const fragments = fragmentsOf(document);
  const only = (keep: (field: FieldNode) => boolean): DocumentNode | undefined => {
    if ([...rootFieldsOf(operation, fragments)].every(keep)) return document;
    const kept: OperationDefinitionNode | undefined = withRootFields(operation, fragments, keep);
    return kept && { kind: Kind.DOCUMENT, definitions: [kept, ...fragments.values()] };
  };
  const federated = only(({ name }) => !name.value.startsWith('__'));
  const node = federated && (await plan(federated, operationName)).node;
  return {
    kind: operation.operation,
    variables: operation.variableDefinitions ?? [],
    local: only(isSchemaField),
    projection: new Projection(schema, operation, fragments),
    ...(operation.operation === OperationTypeNode.SUBSCRIPTION
      ? compileSubscription(node, conditions)
      : { steps: node && compileSteps(node, conditions) }),
  };
}

function compileSubscription(
  node: PlanNode | undefined,
  conditions: TypeConditions,
): Pick<CompiledOperation, 'subscription' | 'steps'> {
  const [first, ...others] = node?.kind === 'Sequence' ? node.nodes : node ? [node] : [];
  if (first?.kind !== 'Subscription') throw new Error('The query planner planned no subscription.');
  const { primary }: SubscriptionNode = first;
  return {
    subscription: new RootFetch({ ...primary, operationKind: 'subscription' }, conditions),
    steps: inSequence(others.map((other) => compileSteps(other, conditions))),
  };
}
