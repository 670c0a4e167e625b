/** A server written by hand for the query over the shop: each thing is asked for once, however often the answer has it. */
import { serveByHand, type Row } from './by-hand.js';

interface Review {
  readonly id: string;
  readonly body: string;
  readonly product?: Product;
  readonly author?: User;
}
interface User {
  readonly id: string;
  readonly reviews: readonly Review[];
}
interface Product {
  readonly upc: string;
  readonly reviews?: readonly Review[];
}

const reviewsOfAuthor = 'author { id reviews { id body product { upc } } }';

await serveByHand(async ({ ask, entities }) => {
  const [{ users = [] }, { topProducts = [] }] = await Promise.all([
    ask('accounts', '{ users { id username name } }'),
    ask('products', '{ topProducts(first: 5) { upc } }'),
  ]);
  const [ofUsers, ofProducts] = (await Promise.all([
    entities(
      'reviews',
      'User',
      users.map(({ id }) => ({ id })),
      `id reviews { id body product { upc reviews { id body ${reviewsOfAuthor} } } }`,
    ),
    entities(
      'reviews',
      'Product',
      topProducts.map(({ upc }) => ({ upc })),
      `upc reviews { id body ${reviewsOfAuthor} }`,
    ),
  ])) as unknown as [readonly User[], readonly Product[]];
  const upcs = new Set<string>();
  const ids = new Set<string>();
  const collect = (reviews: readonly Review[]): void => {
    for (const { product, author } of reviews) {
      if (product) upcs.add(product.upc);
      if (author) ids.add(author.id);
      collect(product?.reviews ?? []);
      collect(author?.reviews ?? []);
    }
  };
  for (const { reviews } of ofUsers) collect(reviews);
  for (const { upc, reviews = [] } of ofProducts) {
    upcs.add(upc);
    collect(reviews);
  }
  const [sold, authors] = await Promise.all([
    entities(
      'products',
      'Product',
      [...upcs].map((upc) => ({ upc })),
      'upc name price weight',
    ),
    entities(
      'accounts',
      'User',
      [...ids].map((id) => ({ id })),
      'id username name',
    ),
  ]);
  const stocked = await entities(
    'inventory',
    'Product',
    sold.map(({ upc, price, weight }) => ({ upc, price, weight })),
    'inStock shippingEstimate',
  );
  const productOf = new Map(
    sold.map(({ upc, name, price, weight }, index): [string, Row] => {
      const { inStock, shippingEstimate } = stocked[index] ?? {};
      return [String(upc), { inStock, name, price, shippingEstimate, upc, weight }];
    }),
  );
  const authorOf = new Map(authors.map(({ id, username, name }) => [id, { id, username, name }]));
  const reviewOf = ({ id, body, product, author }: Review): object => ({
    id,
    body,
    ...(product && { product: wholeProduct(product) }),
    ...(author && { author: { ...authorOf.get(author.id), reviews: author.reviews.map(reviewOf) } }),
  });
  const wholeProduct = ({ upc, reviews }: Product): object => ({
    ...productOf.get(upc),
    ...(reviews && { reviews: reviews.map(reviewOf) }),
  });
  return {
    users: users.map((user, index) => ({ ...user, reviews: (ofUsers[index]?.reviews ?? []).map(reviewOf) })),
    topProducts: ofProducts.map(wholeProduct),
  };
});
