import { TestBench } from '../testing/test-bench.js';

describe('@defer', () => {
  let bench: TestBench;
  beforeAll(async () => {
    bench = await TestBench.start();
  });
  afterAll(() => bench.stop());

  it.each([
    ['on an inline fragment', '{ claim(id: "1") { id ... @defer(label: "later") { patient { name } } } }'],
    ['on a spread', '{ claim(id: "1") { id ...Later @defer } } fragment Later on Claim { patient { name } }'],
    [
      'by a variable',
      'query ($defer: Boolean!) { claim(id: "1") { id ... @defer(if: $defer) { patient { name } } } }',
    ],
  ])('%s is answered whole, and asked of no subgraph', async (_where, query) => {
    const { status, headers, body } = await bench.post(
      { query, variables: { defer: true } },
      { accept: 'multipart/mixed, application/json' },
    );
    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain('application/json');
    expect(body).toEqual({ data: { claim: { id: '1', patient: { name: 'Patient p1' } } } });
    expect(bench.clinic.claims.received.at(-1)?.query).not.toContain('defer');
  });
});
