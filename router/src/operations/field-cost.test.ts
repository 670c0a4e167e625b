import { composeServices, compositionHasErrors } from '@theguild/federation-composition';
import { QueryPlanner } from '@graphql-hive/router-query-planner';
import { getOperationAST, parse, validate, type GraphQLSchema } from 'graphql';
import { carryDirectives } from '../engine/linked-directives.js';
import { publicSchema, supergraphSchema } from '../engine/supergraph.js';
import { costOf } from './operation-cost.js';
import { fragmentsOf } from './root-fields.js';

const typeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
    import: ["@key", "@listSize", { name: "@cost", as: "@weight" }])
  type Query {
    assumed: [Item!]! @listSize(assumedSize: 3)
    sliced(count: Int, other: Int): [Item!]! @listSize(slicingArguments: ["count", "other"])
    loose(count: Int, other: Int): [Item!]! @listSize(assumedSize: 7, slicingArguments: ["count", "other"], requireOneSlicingArgument: false)
    page(first: Int = 20): Page! @listSize(slicingArguments: ["first"], sizedFields: ["edges"])
    heavy: Item @weight(weight: 50)
    leaf: Int @weight(weight: 4)
    argued(deep: Boolean @weight(weight: 9)): Item
    big: Big
  }
  type Item { id: ID! children: [Item!]! @listSize(assumedSize: 2) blob: Blob }
  type Page { edges: [Edge!]! facets: [Facet!]! }
  type Edge { node: Item! }
  type Facet { name: String }
  type Big @weight(weight: 30) { id: ID }
  scalar Blob @weight(weight: 5)
`);

function supergraph(): GraphQLSchema {
  const composed = composeServices([{ name: 'items', url: 'http://items.invalid', typeDefs }]);
  if (compositionHasErrors(composed)) throw new Error(composed.errors.map(String).join('\n'));
  const { supergraphSdl } = composed;
  const schema = publicSchema(new QueryPlanner(supergraphSdl).consumerSchema);
  carryDirectives(supergraphSchema(supergraphSdl), schema);
  return schema;
}

const schema = supergraph();
const cost = (text: string, variables = {}): number => {
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('no operation');
  return costOf(schema, operation, fragmentsOf(document), variables, 10);
};

test.each<[string, number, object]>([
  ['{ assumed { id } }', 3, {}],
  ['{ assumed { children { id } } }', 9, {}],
  ['{ sliced(count: 4) { id } }', 4, {}],
  ['query ($n: Int) { sliced(other: $n) { id } }', 6, { n: 6 }],
  ['{ loose { id } }', 7, {}],
  ['{ loose(count: 2, other: 5) { id } }', 5, {}],
  ['{ page { edges { node { id } } } }', 41, {}],
  ['{ page(first: 2) { edges { node { id } } facets { name } } }', 15, {}],
  ['{ page(first: 2) { ...P } } fragment P on Page { edges { node { id } } }', 5, {}],
  ['{ heavy { id } }', 50, {}],
  ['{ leaf }', 4, {}],
  ['{ argued { id } }', 1, {}],
  ['{ argued(deep: true) { id } }', 10, {}],
  ['{ big { id } }', 30, {}],
  ['{ assumed { blob } }', 18, {}],
])('the cost of %s is %d', (text, expected, variables) => {
  expect(cost(text, variables)).toBe(expected);
});

test.each(['{ sliced { id } }', '{ sliced(count: 1, other: 1) { id } }', '{ sliced(count: null) { id } }'])(
  '%s says not how much it asks for',
  (text) => {
    expect(() => cost(text)).toThrow('needs one of the arguments "count", "other"');
  },
);
