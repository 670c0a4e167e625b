/** From type-graphql classes to a Federation 2 subgraph. */
import { buildSubgraphSchema, printSubgraphSchema } from '@apollo/subgraph';
import { type GraphQLSchema, parse, specifiedDirectives } from 'graphql';
import { takeNullForAbsent } from './absent-arguments.js';
import { type GraphContext } from './request-context.js';
import { guardSchema } from './schema-guards.js';
import { surelyAuthenticated } from './second-factor.js';
import { scopedMutations } from './write-scope.js';
import { buildSchemaSync, createResolversMap, type NonEmptyArray, type PubSub } from 'type-graphql';

/** A class of type-graphql resolvers. */
export type ResolverClass = new () => object;

/** Entity name to how it is found from a reference of another subgraph. Undefined when the caller may not see it. */
export type ReferenceResolvers<Context> = Readonly<
  Record<string, (reference: { id: string }, context: Context) => unknown>
>;

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@authenticated", "@requiresScopes", "@policy", "@listSize", "@cost"])';

/** SDL of a subgraph, with its federation directives; the same text whenever the classes are the same. */
export function printFederatedSchema(resolvers: NonEmptyArray<ResolverClass>): string {
  return sdlOf(schemaOf(resolvers));
}

/** The executable schema of a subgraph. */
export function buildFederatedSchema<Context>(
  resolvers: NonEmptyArray<ResolverClass>,
  references: ReferenceResolvers<Context>,
): GraphQLSchema {
  const schema = schemaOf(resolvers);
  const resolverMap = createResolversMap(schema) as Record<string, Record<string, unknown>>;
  for (const [type, resolve] of Object.entries(references))
    resolverMap[type] = {
      ...resolverMap[type],
      __resolveReference: (reference: { id: string }, { request }: GraphContext<Context>) =>
        resolve(reference, request),
    };
  if (resolverMap['Mutation'])
    resolverMap['Mutation'] = scopedMutations(surelyAuthenticated(schema, resolverMap['Mutation']));
  return takeNullForAbsent(
    buildSubgraphSchema([{ typeDefs: parse(sdlOf(schema)), resolvers: resolverMap as never }]),
  );
}

/** type-graphql wants one for any subscription; ours come from the ledger alone, each with a `subscribe` of its own. */
const noPubSub: PubSub = {
  publish: refuse,
  subscribe: refuse,
};

function refuse(): never {
  throw new TypeError('Live events come from the ledger: give the subscription its own `subscribe`.');
}

function schemaOf(resolvers: NonEmptyArray<ResolverClass>): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers,
    directives: [...specifiedDirectives],
    // Arguments are checked against the ledger model's own schemas, so a second validator would only disagree.
    validate: false,
    pubSub: noPubSub,
  });
  guardSchema(schema);
  return schema;
}

function sdlOf(schema: GraphQLSchema): string {
  return `${link}\n\n${printSubgraphSchema(schema).trim()}\n`;
}
