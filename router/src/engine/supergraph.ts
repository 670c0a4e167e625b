import {
  buildASTSchema,
  Kind,
  parse,
  specifiedDirectives,
  specifiedScalarTypes,
  visit,
  type DocumentNode,
  type GraphQLSchema,
  type NameNode,
} from 'graphql';

/** The schema of a supergraph with everything that federation put into it. */
export function supergraphSchema(supergraph: string): GraphQLSchema {
  return buildASTSchema(parse(supergraph, { noLocation: true }), { assumeValidSDL: true });
}

/** Names of the subgraphs that a supergraph was composed of. */
export function subgraphNames(supergraph: GraphQLSchema): readonly string[] {
  const graphs = supergraph.getType('join__Graph');
  const values = graphs?.astNode?.kind === Kind.ENUM_TYPE_DEFINITION ? (graphs.astNode.values ?? []) : [];
  return values.flatMap(({ directives = [] }) =>
    directives
      .filter(({ name }) => name.value === 'join__graph')
      .flatMap(({ arguments: given = [] }) => given)
      .flatMap(({ name, value }) =>
        name.value === 'name' && value.kind === Kind.STRING ? [value.value] : [],
      ),
  );
}

/**
 * The schema that clients see, from the planner's text of it, which also spells out what is part of every schema and leaves in
 * some of federation's own types.
 */
export function publicSchema(text: string): GraphQLSchema {
  const without = ({ name }: { readonly name: NameNode }) => (reserved.test(name.value) ? null : undefined);
  const own: DocumentNode = visit(parse(text, { noLocation: true }), {
    ObjectTypeDefinition: without,
    EnumTypeDefinition: without,
    InputObjectTypeDefinition: without,
    FieldDefinition: without,
    ScalarTypeDefinition: ({ name }) =>
      reserved.test(name.value) || specifiedScalarTypes.some((type) => type.name === name.value)
        ? null
        : undefined,
    DirectiveDefinition: ({ name }) =>
      reserved.test(name.value) || linked.has(name.value) || isSpecified(name.value) ? null : undefined,
    Directive: ({ name }) => (isSpecified(name.value) ? undefined : null),
  });
  const deferrable = own.definitions.some(
    (definition) => definition.kind === Kind.DIRECTIVE_DEFINITION && definition.name.value === 'defer',
  );
  const definitions = deferrable ? own.definitions : [...own.definitions, ...defer.definitions];
  return buildASTSchema({ kind: Kind.DOCUMENT, definitions }, { assumeValidSDL: true });
}

/** Clients may ask for it; what they get is whole at once, as the specification's draft allows. */
const defer = parse(
  'directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT',
  { noLocation: true },
);

/** Directives of linked specifications that the planner leaves in. */
const linked: ReadonlySet<string> = new Set([
  'authenticated',
  'requiresScopes',
  'policy',
  'cost',
  'listSize',
]);

function isSpecified(directive: string): boolean {
  return specifiedDirectives.some(({ name }) => name === directive);
}

/** Names that GraphQL, or the specifications a supergraph links, keep for themselves. */
const reserved =
  /^(__|join__|link__|core__|federation__|context__|authenticated__|requiresScopes__|policy__|cost__)/;
