/** Every way into the graph, read from the subgraphs' own schemas, so that no field is forgotten. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  buildASTSchema,
  getNamedType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isInputObjectType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  parse,
} from 'graphql';

const folder = fileURLToPath(new URL('../../../../schema/subgraphs', import.meta.url));

/** One way in: a root field of a subgraph, or a reference to an entity that another subgraph would make. */
export interface Operation {
  /** `Query.patient`, `Mutation.breakGlass`, `Patient @ records`. */
  readonly name: string;
  readonly subgraph: string;
  readonly kind: 'query' | 'mutation' | 'subscription' | 'reference';
  /** Root field, or type of the entity. */
  readonly field: string;
  /** Type of a mutation's input. */
  readonly input?: string;
  /** Does the input say in whose name? */
  readonly forOthers: boolean;
  /** Required arguments by name, with their types. */
  readonly required: ReadonlyMap<string, string>;
  readonly selection: string;
}

/** All of them, in the order of their names. */
export function allOperations(): Operation[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.graphql'))
    .flatMap((file) => {
      const schema = buildASTSchema(parse(readFileSync(path.join(folder, file), 'utf8')), {
        assumeValidSDL: true,
      });
      return operationsOf(schema, path.basename(file, '.graphql'));
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function operationsOf(schema: GraphQLSchema, subgraph: string): Operation[] {
  const roots = [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ] as const;
  const fields = roots.flatMap(([kind, root]) =>
    Object.values(root?.getFields() ?? {}).map((field): Operation => ({
      name: `${root?.name ?? ''}.${field.name}`,
      subgraph,
      kind,
      field: field.name,
      input: field.args.find(({ name }) => name === 'input')?.type.toString(),
      forOthers: field.args.some(({ type }) => saysForWhom(getNamedType(type))),
      required: new Map(
        field.args.filter(isRequiredArgument).map(({ name, type }) => [name, type.toString()]),
      ),
      selection: selectionOf(field),
    })),
  );
  const entities = Object.values(schema.getTypeMap()).filter(isEntity);
  return [
    ...fields,
    ...entities.map((type): Operation => ({
      name: `${type.name} @ ${subgraph}`,
      subgraph,
      kind: 'reference',
      field: type.name,
      forOthers: false,
      required: new Map(),
      selection: membersOf(type),
    })),
  ];
}

const saysForWhom = (type: unknown): boolean => isInputObjectType(type) && 'onBehalfOf' in type.getFields();

function isEntity(type: unknown): type is GraphQLObjectType {
  return isObjectType(type) && (type.astNode?.directives ?? []).some(({ name }) => name.value === 'key');
}

function selectionOf({ type }: GraphQLField<unknown, unknown>): string {
  const named = getNamedType(type);
  if (isLeafType(named) || !isObjectType(named)) return '';
  if ('nodes' in named.getFields()) return '{ nodes { __typename } }';
  return `{ ${membersOf(named)} }`;
}

/** Every field that can be asked for without saying more, beside the id. */
function membersOf(type: GraphQLObjectType): string {
  return Object.values(type.getFields())
    .filter(({ name, args }) => name !== 'id' && !args.some(isRequiredArgument))
    .map((field) => {
      const named = getNamedType(field.type);
      if (isLeafType(named)) return field.name;
      const inner =
        isObjectType(named) && 'nodes' in named.getFields() ? 'nodes { __typename }' : '__typename';
      return `${field.name} { ${inner} }`;
    })
    .concat('__typename')
    .join(' ');
}
