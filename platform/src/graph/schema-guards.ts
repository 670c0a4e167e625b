import { wholeScope } from '@medigraph/schema';
import {
  getNullableType,
  isObjectType,
  Kind,
  parseConstValue,
  type ConstDirectiveNode,
  type GraphQLField,
  type GraphQLSchema,
} from 'graphql';

/** Arguments of a directive, as GraphQL writes them. */
type Arguments = Readonly<Record<string, string>>;

/**
 * Says in a subgraph's schema what the router is to hold before it asks the subgraph: every root field needs a token, every mutation
 * the scope to write, and a page costs as many objects as its size says. The subgraph checks all of it again.
 */
export function guardSchema(schema: GraphQLSchema): void {
  const mutation = schema.getMutationType();
  for (const root of [schema.getQueryType(), mutation, schema.getSubscriptionType()]) {
    for (const field of Object.values(root?.getFields() ?? {})) {
      annotate(field, directive('authenticated'));
      if (root === mutation) annotate(field, directive('requiresScopes', { scopes: `[["${wholeScope}"]]` }));
    }
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields()))
      if (isPage(field)) annotate(field, directive('listSize', sizeOfPage));
  }
}

const sizeOfPage: Arguments = {
  slicingArguments: '["first"]',
  sizedFields: '["edges", "nodes"]',
  requireOneSlicingArgument: 'false',
};

function isPage({ type, args }: GraphQLField<unknown, unknown>): boolean {
  const named = getNullableType(type);
  return isObjectType(named) && 'pageInfo' in named.getFields() && args.some(({ name }) => name === 'first');
}

function directive(name: string, given: Arguments = {}): ConstDirectiveNode {
  return {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: name },
    arguments: Object.entries(given).map(([argument, value]) => ({
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: argument },
      value: parseConstValue(value),
    })),
  };
}

function annotate(field: GraphQLField<unknown, unknown>, added: ConstDirectiveNode): void {
  const { astNode, name } = field;
  field.astNode = {
    kind: Kind.FIELD_DEFINITION,
    name: { kind: Kind.NAME, value: name },
    // Only directives are read from the node; the type stands in the field.
    type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: field.type.toString() } },
    ...astNode,
    directives: [...(astNode?.directives ?? []), added],
  };
}
