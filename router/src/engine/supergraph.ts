import {
  buildASTSchema,
  Kind,
  parse,
  specifiedDirectives,
  specifiedScalarTypes,
  visit,
  type DocumentNode,
  type GraphQLSchema,
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

/** The schema that clients see, from the planner's text of it, which also spells out what is part of every schema. */
export function publicSchema(text: string): GraphQLSchema {
  const own: DocumentNode = visit(parse(text, { noLocation: true }), {
    ObjectTypeDefinition: ({ name }) => (isReserved(name.value) ? null : undefined),
    EnumTypeDefinition: ({ name }) => (isReserved(name.value) ? null : undefined),
    FieldDefinition: ({ name }) => (isReserved(name.value) ? null : undefined),
    ScalarTypeDefinition: ({ name }) =>
      specifiedScalarTypes.some((type) => type.name === name.value) ? null : undefined,
    DirectiveDefinition: ({ name }) =>
      specifiedDirectives.some((directive) => directive.name === name.value) ? null : undefined,
  });
  return buildASTSchema(own, { assumeValidSDL: true });
}

function isReserved(name: string): boolean {
  return name.startsWith('__');
}
