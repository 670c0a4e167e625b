import { SubgraphServer } from '@medigraph/router/testing';
import { composeServices, compositionHasErrors } from '@theguild/federation-composition';
import { parse } from 'graphql';

const federation = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@external", "@requires", "@shareable", "@listSize"])`;

const accountsSchema = `${federation}
  type Query { users: [User!]! @listSize(assumedSize: 6) }
  type User @key(fields: "id") { id: ID! name: String! username: String! @shareable birthday: Int! }
`;
const productsSchema = `${federation}
  type Query { topProducts(first: Int!): [Product!]! @listSize(slicingArguments: ["first"]) }
  type Product @key(fields: "upc") { upc: ID! name: String! price: Int! weight: Int! }
`;
const inventorySchema = `${federation}
  type Product @key(fields: "upc") {
    upc: ID! price: Int! @external weight: Int! @external inStock: Boolean! shippingEstimate: Int! @requires(fields: "price weight")
  }
`;
const reviewsSchema = `${federation}
  type Review @key(fields: "id") { id: ID! body: String! author: User! product: Product! }
  type User @key(fields: "id") { id: ID! username: String! @shareable reviews: [Review!]! @listSize(assumedSize: 2) }
  type Product @key(fields: "upc") { upc: ID! reviews: [Review!]! @listSize(assumedSize: 2) }
`;

const people = 6;
const products = 9;
const reviews = 11;
const upTo = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index + 1));

interface User {
  readonly id: string;
}
interface Product {
  readonly upc: string;
}
interface PricedProduct extends Product {
  readonly price: number;
  readonly weight: number;
}

const usernameOf = (id: string): string => `user${id}`;
const user = (id: string) => ({
  id,
  name: `User ${id}`,
  username: usernameOf(id),
  birthday: 1980 + Number(id),
});
const product = (upc: string) => ({
  upc,
  name: `Product ${upc}`,
  price: 100 * Number(upc),
  weight: 10 * Number(upc),
});
const review = (id: string) => ({
  id,
  body: `What is to be said of it, for the ${id}th time`,
  author: { id: String((Number(id) % people) + 1) },
  product: { upc: String((Number(id) % products) + 1) },
});
const allReviews = upTo(reviews).map(review);

/** What is asked: the query of the public benchmark of federation gateways, over a graph of its shape. */
export const shopQuery = `
  fragment User on User { id username name }
  fragment Review on Review { id body }
  fragment Product on Product { inStock name price shippingEstimate upc weight }
  query Shop {
    users { ...User reviews { ...Review product { ...Product reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } } } } }
    topProducts(first: 5) { ...Product reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } } }
  }`;

/** Four subgraphs of a shop: who buys, what is sold, what of it there is, and what is said of it. */
export async function openShop(): Promise<{
  readonly supergraph: string;
  readonly endpoints: Readonly<Record<string, { readonly url: string; readonly wsUrl: string }>>;
}> {
  const subgraphs = [
    new SubgraphServer('accounts', accountsSchema, {
      Query: { users: () => upTo(people).map(user) },
      User: { __resolveReference: ({ id }: User) => user(id) },
    }),
    new SubgraphServer('products', productsSchema, {
      Query: { topProducts: (_: unknown, { first }: { first: number }) => upTo(first).map(product) },
      Product: { __resolveReference: ({ upc }: Product) => product(upc) },
    }),
    new SubgraphServer('inventory', inventorySchema, {
      Product: {
        __resolveReference: (given: Product) => ({ ...given, inStock: Number(given.upc) % 2 === 0 }),
        shippingEstimate: ({ price, weight }: PricedProduct) => (price > 500 ? 0 : weight / 2),
      },
    }),
    new SubgraphServer('reviews', reviewsSchema, {
      User: {
        __resolveReference: ({ id }: User) => ({ id }),
        username: ({ id }: User) => usernameOf(id),
        reviews: ({ id }: User) => allReviews.filter(({ author }) => author.id === id),
      },
      Product: {
        __resolveReference: ({ upc }: Product) => ({ upc }),
        reviews: ({ upc }: Product) => allReviews.filter((one) => one.product.upc === upc),
      },
      Review: { __resolveReference: ({ id }: User) => review(id) },
    }),
  ];
  await Promise.all(subgraphs.map((subgraph) => subgraph.start()));
  const composed = composeServices(
    subgraphs.map(({ name, typeDefs, url }) => ({ name, typeDefs: parse(typeDefs), url })),
  );
  if (compositionHasErrors(composed))
    throw new Error(composed.errors.map(({ message }) => message).join('\n'));
  return {
    supergraph: composed.supergraphSdl,
    endpoints: Object.fromEntries(subgraphs.map(({ name, url, wsUrl }) => [name, { url, wsUrl }])),
  };
}
