import { buildSchema, getIntrospectionQuery, getOperationAST, parse } from 'graphql';
import { LimitExceededError } from '../errors.js';
import { defaultRouterLimits } from '../router-limits.js';
import { codesOf, TestBench } from '../testing/test-bench.js';
import { costOf } from './operation-cost.js';
import { checkVariables, defaultOperationLimits } from './operation-limits.js';
import { fragmentsOf } from './root-fields.js';

const many = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => make(index)).join(' ');

describe('limits of an operation', () => {
  let bench: TestBench;

  beforeAll(async () => {
    bench = await TestBench.start({
      limits: { operation: { ...defaultOperationLimits, maxDepth: 5, maxVariablesSize: 2_000 } },
    });
  });
  afterAll(() => bench.stop());

  // Each spreads the next twice: the last field is asked for 2^40 times, in a document of 40 lines.
  const doubling = `{ ...F0 } ${many(40, (n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`)}
    fragment F40 on Query { claim(id: "1") { id } }`;

  it.each([
    ['QUERY_TOO_MANY_TOKENS', `{ ${many(4_000, () => '__typename')} }`],
    ['QUERY_TOO_DEEP', '{ connection { edges { node { patient { home { name } } } } } }'],
    [
      'QUERY_TOO_DEEP',
      '{ claims { ...A } } fragment A on Claim { patient { ...B } } fragment B on Patient { home { ...C } } fragment C on Institution { id { id { id } } }',
    ],
    ['QUERY_TOO_DEEP', `${'{ a '.repeat(1_300)} ${'}'.repeat(1_300)}`],
    ['QUERY_TOO_MANY_ALIASES', `{ ${many(51, (n) => `a${n}: __typename`)} }`],
    ['QUERY_TOO_MANY_DIRECTIVES', `{ __typename ${many(51, () => '@include(if: true)')} }`],
    ['QUERY_TOO_MANY_ROOT_FIELDS', `{ ${many(21, () => '__typename')} }`],
    ['QUERY_TOO_MANY_FIELDS', `{ claims { ${many(1_001, () => 'id')} } }`],
    ['QUERY_TOO_MANY_FIELDS', doubling],
    ['QUERY_TOO_COSTLY', '{ claims(first: 20001) { id } }'],
    ['QUERY_TOO_COSTLY', '{ connection(first: 10001) { edges { node { id } } } }'],
  ])('refuses %s', async (code, query) => {
    const { status, body } = await bench.post({ query });
    expect([status, codesOf(body)]).toEqual([400, [code]]);
  });

  it('counts list sizes from variables', async () => {
    const query = 'query Q($n: Int = 1) { claims(first: $n) { id } }';
    const { body } = await bench.post({ query, variables: { n: 50_000 } });
    expect(codesOf(body)).toEqual(['QUERY_TOO_COSTLY']);
    expect((await bench.post({ query })).body).toEqual({ data: { claims: [{ id: '1' }] } });
  });

  it('bounds variables', async () => {
    const query = 'query Q($id: ID!) { claim(id: $id) { id } }';
    const { status, body } = await bench.post({ query, variables: { id: 'x'.repeat(3_000) } });
    expect([status, codesOf(body)]).toEqual([400, ['VARIABLES_TOO_LARGE']]);
    const { maxVariablesSize } = defaultOperationLimits;
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown;
    expect(() => checkVariables(defaultOperationLimits, maxVariablesSize, { deep })).toThrow(
      LimitExceededError,
    );
    const wide = Object.fromEntries(Array.from({ length: 70_000 }, (_, index) => [String(index), null]));
    expect(() => checkVariables(defaultOperationLimits, maxVariablesSize, { wide })).toThrow(
      LimitExceededError,
    );
  });

  it('lets the tools ask for the whole schema', async () => {
    const { body } = await bench.post({
      query: getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true }),
    });
    expect(body.errors).toBeUndefined();
  });

  it('refuses a description of the schema that runs in circles', async () => {
    const { body } = await bench.post({
      query: `{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }`,
    });
    expect(codesOf(body)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  });

  it('answers a flood of hostile documents and still serves', async () => {
    const hostile = Array.from({ length: 50 }, () => bench.post({ query: doubling }));
    await Promise.all(hostile);
    expect((await bench.post({ query: '{ claim(id: "1") { id } }' })).status).toBe(200);
  });
});

describe('costOf', () => {
  const schema = buildSchema(`
    type Query { one: Item! list: [Item!]! sized(first: Int, last: Int): [Item!]! page(first: Int): Page! any: [Any] }
    type Item { id: ID tags: [String] child: Item }
    type Other { id: ID children: [Item] }
    type Page { edges: [Edge] nodes: [Item] total: Int }
    type Edge { node: Item cursor: String }
    union Any = Item | Other
  `);
  const cost = (text: string, variables = {}): number => {
    const document = parse(text);
    const operation = getOperationAST(document);
    if (!operation) throw new Error('no operation');
    return costOf(schema, operation, fragmentsOf(document), variables, 10);
  };

  it.each<[string, number, object]>([
    ['{ __typename }', 0, {}],
    ['{ one { id tags } }', 1, {}],
    ['{ one { child { child { id } } } }', 3, {}],
    ['{ list { id } }', 10, {}],
    ['{ sized(first: 3) { child { id } } }', 6, {}],
    ['{ sized(last: 4) { id } }', 4, {}],
    ['{ sized(first: -5) { id } }', 0, {}],
    ['query ($n: Int) { sized(first: $n) { id } }', 7, { n: 7 }],
    ['query ($n: Int) { sized(first: $n) { id } }', 10, {}],
    ['{ page(first: 5) { total edges { cursor node { id } } } }', 11, {}],
    ['{ page(first: 5) { edges { node { id } } nodes { id } } }', 16, {}],
    ['{ any { ... on Other { children { id } } ...F } } fragment F on Item { child { id } }', 120, {}],
    ['{ __schema { types { name } } }', 0, {}],
  ])('of %s is %d', (text, expected, variables) => {
    expect(cost(text, variables)).toBe(expected);
  });

  it('bounds exceed what the demo asks for', () => {
    expect(defaultRouterLimits.operation.maxCost).toBeGreaterThan(
      cost('{ page(first: 100) { edges { node { child { child { id } } } } } }'),
    );
  });
});
