/** What public checkers of GraphQL servers try (graphql-cop, GraphQL Armor, the OWASP cheat sheet), one test for each that applies. */
import { codesOf, TestBench } from '../testing/test-bench.js';

describe('what checkers try', () => {
  let bench: TestBench;
  let authorization: string;

  beforeAll(async () => {
    bench = await TestBench.start({ corsOrigins: ['https://portal.example.org'] });
    authorization = await bench.tokens.issue();
  });
  afterAll(() => bench.stop());

  const get = (search: string, headers: Record<string, string> = {}) =>
    fetch(`${bench.router.url}?${search}`, { headers: { authorization, ...headers } });
  const repeated = (count: number, part: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => part(index)).join(' ');

  it.each<[finding: string, query: string, code: string]>([
    [
      'alias overloading',
      `{ ${repeated(101, (index) => `a${index}: __typename`)} }`,
      'QUERY_TOO_MANY_ALIASES',
    ],
    [
      'directive overloading',
      `{ __typename ${repeated(60, () => '@skip(if: false)')} }`,
      'QUERY_TOO_MANY_DIRECTIVES',
    ],
    ['unknown directives', `{ __typename @aa@aa@aa }`, 'GRAPHQL_VALIDATION_FAILED'],
    ['field duplication', `{ ${repeated(1_500, () => '__typename')} }`, 'QUERY_TOO_MANY_FIELDS'],
    ['a long document', `{ ${repeated(5_000, () => '__typename')} }`, 'QUERY_TOO_MANY_TOKENS'],
    [
      'circular fragments',
      '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'depth',
      `{ claim(id: "1") ${repeated(20, () => '{ patient')} { id ${'}'.repeat(21)} }`,
      'QUERY_TOO_DEEP',
    ],
    ['cost', '{ claims(first: 100000) { id } }', 'QUERY_TOO_COSTLY'],
    [
      'introspection that goes in circles',
      `{ __schema { types { ${repeated(8, () => 'fields { type {')} name ${'}'.repeat(16)} } } }`,
      'GRAPHQL_VALIDATION_FAILED',
    ],
  ])('%s', async (_finding, query, code) => {
    const { status, body } = await bench.post({ query });
    expect(status).toBe(400);
    expect(codesOf(body)).toContain(code);
    expect(bench.clinic.subgraphs.flatMap(({ received }) => received)).toEqual([]);
  });

  it('batches of operations', async () => {
    const { status, body } = await bench.post(JSON.stringify([{ query: '{ __typename }' }]));
    expect([status, codesOf(body)]).toEqual([400, ['BATCHING_NOT_SUPPORTED']]);
  });

  it('mutations by GET', async () => {
    const response = await get(`query=${encodeURIComponent('mutation { noteInClaims(text: "x") }')}`);
    expect(response.status).toBe(405);
    expect(bench.clinic.notes).toEqual([]);
  });

  it.each(['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x'])(
    'bodies that a form of any page can send, as %s',
    async (type) => {
      const { status } = await bench.post('query=%7B__typename%7D', { 'content-type': type });
      expect(status).toBe(415);
    },
  );

  it('pages of foreign origins', async () => {
    const foreign = { origin: 'https://evil.example.org' };
    expect((await get('query=%7B__typename%7D', foreign)).status).toBe(403);
    const allowed = await get('query=%7B__typename%7D', { origin: 'https://portal.example.org' });
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://portal.example.org');
    expect(allowed.headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('traces and stacks in answers', async () => {
    const { body } = await bench.post(
      { query: '{ patient(id: "p1") { crash } }' },
      { 'apollo-federation-include-trace': 'ftv1' },
    );
    expect(JSON.stringify(body)).not.toMatch(/stacktrace|hunter2|place\.js|ftv1/);
    expect(body.extensions).toBeUndefined();
  });

  it('consoles that browsers get, where they are switched off; introspection likewise', async () => {
    const closed = await TestBench.start({ graphiql: false, introspection: 'nobody' });
    const page = await fetch(closed.router.url, { headers: { accept: 'text/html' } });
    expect(page.headers.get('content-type')).not.toContain('text/html');
    for (const query of [
      '{ __schema { types { name } } }',
      '{ ...A } fragment A on Query { __type(name: "Claim") { name } }',
    ]) {
      expect(codesOf((await closed.post({ query })).body)).toEqual(['INTROSPECTION_DISABLED']);
    }
    await closed.stop();
  });

  it('hints at names, where the schema is closed', async () => {
    const closed = await TestBench.start({ introspection: 'nobody' });
    const { body } = await closed.post({ query: '{ clam(id: "1") { id } claim(idd: "1") { amont } }' });
    expect(JSON.stringify(body)).not.toContain('Did you mean');
    expect(codesOf(body)).toContain('GRAPHQL_VALIDATION_FAILED');
    const variables = { states: ['PAYD'] };
    const query = 'subscription ($states: [ClaimStatus!]) { claimEvents(states: $states) { cursor } }';
    const enumerated = await closed.post({ query, variables });
    expect(codesOf(enumerated.body)).toEqual(['BAD_USER_INPUT']);
    expect(JSON.stringify(enumerated.body)).not.toContain('Did you mean');
    await closed.stop();
    const open = await bench.post({ query: '{ clam(id: "1") { id } }' });
    expect(JSON.stringify(open.body)).toContain('Did you mean');
  });

  it('what a server says of itself', async () => {
    const response = await get('query=%7B__typename%7D');
    expect([response.headers.get('server'), response.headers.get('x-powered-by')]).toEqual([null, null]);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('cache-control')).toBe('no-store');
  });
});
