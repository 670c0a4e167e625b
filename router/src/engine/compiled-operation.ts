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
import { narrowedOperation } from './narrowed-operation.js';
import { compileSteps, inSequence, type Step } from './plan-steps.js';
import { Projection } from './projection.js';
import { RootFetch } from './root-fetch.js';
import { type TypeConditions } from './type-conditions.js';
import { type WithheldFields } from './withheld-fields.js';

/** An operation with everything about it that does not depend on one request. */
export interface CompiledOperation {
  readonly kind: OperationTypeNode;
  readonly variables: readonly VariableDefinitionNode[];
  /** What a subscription opens upstream; undefined where all of it is withheld. */
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
  readonly withheld?: WithheldFields;
  readonly plan: (document: DocumentNode, operationName: string | undefined) => Promise<QueryPlan>;
}

/** @throws where the document has no such operation, or the planner finds no way to answer it */
export async function compileOperation(
  { schema, conditions, withheld, plan }: CompilerOptions,
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
  const whole = only(({ name }) => !name.value.startsWith('__'));
  const federated = whole && withheld ? narrowed(schema, whole, operationName, withheld) : whole;
  const node = federated && (await plan(federated, operationName)).node;
  return {
    kind: operation.operation,
    variables: operation.variableDefinitions ?? [],
    local: only(isSchemaField),
    projection: new Projection(schema, operation, fragments, withheld),
    ...(operation.operation === OperationTypeNode.SUBSCRIPTION
      ? compileSubscription(node, conditions)
      : { steps: node && compileSteps(node, conditions) }),
  };
}

/** What of a document is asked of the subgraphs; undefined where nothing is left. */
function narrowed(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | undefined,
  withheld: WithheldFields,
): DocumentNode | undefined {
  const whole = getOperationAST(document, operationName);
  if (!whole) return undefined;
  const { operation, fragments } = narrowedOperation(schema, whole, fragmentsOf(document), withheld);
  return operation && { kind: Kind.DOCUMENT, definitions: [operation, ...fragments.values()] };
}

function compileSubscription(
  node: PlanNode | undefined,
  conditions: TypeConditions,
): Pick<CompiledOperation, 'subscription' | 'steps'> {
  if (!node) return {};
  const [first, ...others] = node.kind === 'Sequence' ? node.nodes : [node];
  if (first?.kind !== 'Subscription') throw new Error('The query planner planned no subscription.');
  const { primary }: SubscriptionNode = first;
  return {
    subscription: new RootFetch({ ...primary, operationKind: 'subscription' }, conditions),
    steps: inSequence(others.map((other) => compileSteps(other, conditions))),
  };
}
