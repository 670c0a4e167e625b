import {
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  parse,
  type DocumentNode,
  type GraphQLField,
  type GraphQLSchema,
} from 'graphql';

/** Root fields that are probed: enough to meet every subgraph of a real graph, few enough to be planned at once. */
const mostQueries = 25;
const deepest = 3;

type Field = GraphQLField<unknown, unknown>;

/**
 * Queries into the graph, one for each root field, going from type to type by fields that need no arguments. A supergraph in which
 * they cannot be planned cannot be served.
 */
export function probesOf(schema: GraphQLSchema): readonly DocumentNode[] {
  return Object.values(schema.getQueryType()?.getFields() ?? {})
    .slice(0, mostQueries)
    .map((field) => {
      const variables = field.args.filter(isRequiredArgument);
      const declared = variables.map(({ name, type }) => `$${name}: ${type.toString()}`).join(' ');
      const given = variables.map(({ name }) => `${name}: $${name}`).join(' ');
      const selection = `${field.name}${given && `(${given})`}${selectionOf(field, deepest)}`;
      return parse(`query${declared && `(${declared})`} { ${selection} }`, { noLocation: true });
    });
}

/** What is asked of a field's value: its leaves, and the first object that it leads to. */
function selectionOf({ type }: Pick<Field, 'type'>, depth: number): string {
  const named = getNamedType(type);
  if (isLeafType(named)) return '';
  if (!isObjectType(named) && !isInterfaceType(named)) return ' { __typename }';
  const fields = Object.values(named.getFields()).filter(({ args }) => !args.some(isRequiredArgument));
  const leaves = fields.filter((field) => isLeafType(getNamedType(field.type)));
  const next = depth > 1 ? fields.filter((field) => !leaves.includes(field)) : [];
  const selections = [
    '__typename',
    ...leaves.map(({ name }) => name),
    ...next.map((field) => `${field.name}${selectionOf(field, depth - 1)}`),
  ];
  return ` { ${selections.join(' ')} }`;
}
