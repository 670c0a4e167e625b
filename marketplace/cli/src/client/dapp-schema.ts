/** A DApp's part of a graph, as the graph itself tells it. */
import { graphNamespace } from '@medigraph/schema/dapps';
import {
  buildClientSchema,
  getIntrospectionQuery,
  getNamedType,
  type GraphQLEnumType,
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type IntrospectionQuery,
  isEnumType,
  isInputObjectType,
  isObjectType,
} from 'graphql';
import { CommandFailure } from '../command-failure.js';
import { type GraphAccess } from '../graph-access.js';

export const operationKinds = ['query', 'mutation', 'subscription'] as const;
export type OperationKind = (typeof operationKinds)[number];

/** A root field of a DApp. */
export interface DAppOperation {
  readonly kind: OperationKind;
  /** As the graph has it: `hello_greet`. */
  readonly field: string;
  /** Without what all of the DApp's have in front: `greet`. */
  readonly name: string;
  readonly definition: GraphQLField<unknown, unknown>;
}

/** Everything of a graph that belongs to one DApp, and what of the core it refers to. */
export interface DAppSchema {
  readonly dapp: string;
  readonly operations: readonly DAppOperation[];
  readonly objects: readonly GraphQLObjectType[];
  readonly inputs: readonly GraphQLInputObjectType[];
  readonly enums: readonly GraphQLEnumType[];
}

/** @throws {@link CommandFailure} `DAPP_NOT_IN_GRAPH` */
export async function readDAppSchema(graph: GraphAccess, dapp: string): Promise<DAppSchema> {
  const introspection = await graph.request<IntrospectionQuery>(
    getIntrospectionQuery({ inputValueDeprecation: true }),
  );
  return dappSchemaOf(buildClientSchema(introspection), dapp);
}

/** @throws {@link CommandFailure} `DAPP_NOT_IN_GRAPH` */
export function dappSchemaOf(schema: GraphQLSchema, dapp: string): DAppSchema {
  const { field: prefix } = graphNamespace(dapp);
  const roots = {
    query: schema.getQueryType(),
    mutation: schema.getMutationType(),
    subscription: schema.getSubscriptionType(),
  };
  const operations = operationKinds.flatMap((kind) =>
    Object.values(roots[kind]?.getFields() ?? {})
      .filter(({ name }) => name.startsWith(prefix))
      .map((definition): DAppOperation => {
        const { name: field } = definition;
        return { kind, field, name: field.slice(prefix.length), definition };
      }),
  );
  if (operations.length === 0)
    throw new CommandFailure(
      'DAPP_NOT_IN_GRAPH',
      `the graph has no operation of ${dapp}: see whether it runs with medigraph dapp versions ${dapp}`,
    );
  const types = reachable(operations);
  return {
    dapp,
    operations,
    objects: types.filter(isObjectType),
    inputs: types.filter(isInputObjectType),
    enums: types.filter(isEnumType),
  };
}

/** Types that operations take and answer, and what those are made of; of the core's objects only that they are there. */
function reachable(operations: readonly DAppOperation[]): GraphQLNamedType[] {
  const found = new Map<string, GraphQLNamedType>();
  const visit = (type: GraphQLNamedType): void => {
    if (found.has(type.name)) return;
    found.set(type.name, type);
    if (!isInputObjectType(type) && !isObjectType(type)) return;
    for (const field of fieldsOf(type)) visit(getNamedType(field.type as GraphQLOutputType));
  };
  for (const { definition } of operations) {
    visit(getNamedType(definition.type));
    for (const argument of definition.args) visit(getNamedType(argument.type));
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A field of what goes in or comes out. */
export interface ShapeField {
  readonly name: string;
  readonly description?: string | null | undefined;
  readonly deprecationReason?: string | null | undefined;
  readonly type: GraphQLInputType | GraphQLOutputType;
}

/** What a client selects of an object: all of a DApp's own, and of the core's what names them. */
export function fieldsOf(type: GraphQLObjectType | GraphQLInputObjectType): ShapeField[] {
  if (isInputObjectType(type)) return shapeFields(type.getFields());
  const fields: readonly GraphQLField<unknown, unknown>[] = Object.values(type.getFields());
  const plain = fields.filter(({ args }) => args.length === 0);
  return isOwn(type) ? plain : plain.filter(({ name }) => namingFields.has(name));
}

const shapeFields = (fields: Readonly<Record<string, ShapeField>>): ShapeField[] => Object.values(fields);

const namingFields: ReadonlySet<string> = new Set(['id', 'channel', 'block']);

/** A DApp's types have its namespace in front, with an underscore; no type of the core has one. */
const isOwn = ({ name }: GraphQLNamedType): boolean => name.includes('_');
