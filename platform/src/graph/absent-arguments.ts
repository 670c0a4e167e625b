import {
  getNullableType,
  type GraphQLArgument,
  type GraphQLFieldResolver,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputObjectType,
  isListType,
  isObjectType,
} from 'graphql';

type Resolver = GraphQLFieldResolver<unknown, unknown, Record<string, unknown>>;

/**
 * Has every resolver of the schema take an argument that is null for one that is not given: clients send both and mean the
 * same, and nowhere in this graph does null say anything else. What scalars hold is left as it is.
 */
export function takeNullForAbsent(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      if (field.args.length === 0) continue;
      if (field.resolve) field.resolve = withGiven(field.args, field.resolve as Resolver);
      if (field.subscribe) field.subscribe = withGiven(field.args, field.subscribe as Resolver);
    }
  }
  return schema;
}

function withGiven(parameters: readonly GraphQLArgument[], resolve: Resolver): Resolver {
  return (source, values, context, info) => resolve(source, givenOf(parameters, values), context, info);
}

type Parameters = readonly Pick<GraphQLArgument, 'name' | 'type'>[];

function givenOf(parameters: Parameters, values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    parameters.flatMap(({ name, type }) => {
      const value = values[name];
      return value === null || value === undefined ? [] : [[name, given(type, value)]];
    }),
  );
}

function given(wrapped: GraphQLInputType, value: unknown): unknown {
  const type = getNullableType(wrapped);
  if (isListType(type) && Array.isArray(value)) return value.map((item) => given(type.ofType, item));
  if (!isInputObjectType(type)) return value;
  return givenOf(Object.values(type.getFields()), value as Record<string, unknown>);
}
