import {
  isInterfaceType,
  isObjectType,
  Kind,
  valueFromASTUntyped,
  type ConstDirectiveNode,
  type ConstValueNode,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';

/** Directives that clients do not see and the router goes by, under the names that their specifications give them. */
export type LinkedDirective = 'authenticated' | 'requiresScopes' | 'policy' | 'cost' | 'listSize';

/** The arguments of the directives that something has. */
export type LinkedDirectives = Readonly<Partial<Record<LinkedDirective, Readonly<Record<string, unknown>>>>>;

const specifications = 'https://specs.apollo.dev/';

/** What each specification that is understood defines. */
const directivesOf: Readonly<Record<string, readonly LinkedDirective[]>> = {
  authenticated: ['authenticated'],
  requiresScopes: ['requiresScopes'],
  policy: ['policy'],
  cost: ['cost', 'listSize'],
};

/** Specifications whose directives are dealt with by the planner, or concern nobody at run time. */
const dealtWith: ReadonlySet<string> = new Set(['link', 'join', 'tag', 'inaccessible', 'core', 'context']);

/**
 * Carries the directives of access and cost over from the supergraph to the schema that clients see, where they stand as
 * `extensions.directives`; introspection does not show them.
 * @throws where the supergraph asks for protection by a specification that is not understood.
 */
export function carryDirectives(supergraph: GraphQLSchema, schema: GraphQLSchema): void {
  const names = linkedNames(supergraph);
  if (names.size === 0) return;
  const read = (nodes: readonly ConstDirectiveNode[] = []): { directives: LinkedDirectives } | undefined => {
    const found = nodes.flatMap((node): [LinkedDirective, Readonly<Record<string, unknown>>][] => {
      const name = names.get(node.name.value);
      return name ? [[name, argumentsOf(node)]] : [];
    });
    return found.length > 0 ? { directives: Object.fromEntries(found) } : undefined;
  };
  for (const type of Object.values(schema.getTypeMap())) {
    const source = supergraph.getType(type.name);
    if (type.name.startsWith('__') || !source) continue;
    Object.assign(type.extensions, read(source.astNode?.directives));
    if (!hasFields(type) || !hasFields(source)) continue;
    for (const field of Object.values(type.getFields())) {
      const { astNode } = source.getFields()[field.name] ?? {};
      Object.assign(field.extensions, read(astNode?.directives));
      for (const argument of field.args) {
        const node = astNode?.arguments?.find(({ name }) => name.value === argument.name);
        Object.assign(argument.extensions, read(node?.directives));
      }
    }
  }
}

/** The directives that a type, field or argument of a schema has. */
export function linkedDirectivesOf({
  extensions,
}: {
  readonly extensions: Readonly<Record<string, unknown>>;
}): LinkedDirectives {
  return (extensions['directives'] as LinkedDirectives | undefined) ?? {};
}

/** The name that each directive goes by in the supergraph, to its own. */
function linkedNames({ astNode, extensionASTNodes }: GraphQLSchema): ReadonlyMap<string, LinkedDirective> {
  const names = new Map<string, LinkedDirective>();
  const links = [astNode, ...extensionASTNodes].flatMap((node) => node?.directives ?? []);
  for (const link of links) {
    if (link.name.value !== 'link') continue;
    const { url, as, for: purpose, import: imports } = argumentsOf(link);
    if (typeof url !== 'string') continue;
    const [feature = ''] = url.startsWith(specifications) ? url.slice(specifications.length).split('/') : [];
    const defined = directivesOf[feature];
    if (!defined) {
      if (purpose === 'SECURITY' && !dealtWith.has(feature))
        throw new Error(`The supergraph is protected by ${url}, which is not known here.`);
      continue;
    }
    const prefix = typeof as === 'string' ? as : feature;
    for (const directive of defined)
      names.set(directive === feature ? prefix : `${prefix}__${directive}`, directive);
    for (const imported of Array.isArray(imports) ? (imports as readonly unknown[]) : []) {
      const { name, as: alias = name } =
        typeof imported === 'string' ? { name: imported } : (imported as Import);
      const directive = defined.find((each) => `@${each}` === name);
      if (directive) names.set(alias.slice(1), directive);
    }
  }
  return names;
}

interface Import {
  readonly name: string;
  readonly as?: string;
}

function argumentsOf({ arguments: given = [] }: ConstDirectiveNode): Record<string, unknown> {
  return Object.fromEntries(given.map(({ name, value }) => [name.value, valueOf(value)]));
}

function valueOf(node: ConstValueNode): unknown {
  return node.kind === Kind.ENUM ? node.value : valueFromASTUntyped(node);
}

function hasFields(type: GraphQLNamedType): type is GraphQLObjectType | GraphQLInterfaceType {
  return isObjectType(type) || isInterfaceType(type);
}
