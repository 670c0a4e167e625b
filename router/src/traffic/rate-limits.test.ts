import { type IncomingMessage } from 'node:http';
import { type FormattedExecutionResult } from 'graphql';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { type RouterOptions } from '../start-router.js';
import { codesOf, TestBench } from '../testing/test-bench.js';
import { addressGroup, ClientAddresses } from './client-addresses.js';
import { RateLimiter } from '@medigraph/platform/time';
import { type RateLimits } from './rate-limits.js';

const hourly = (amount: number) => ({ amount, perSeconds: 3_600 });

describe('RateLimiter', () => {
  it('gives the whole at once, then only what is made up for', () => {
    const limiter = new RateLimiter({ amount: 10, perSeconds: 1 }, 10);
    for (let count = 0; count < 10; count += 1) expect(limiter.take('a')).toBe(0);
    const wait = limiter.take('a');
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(100);
    expect(limiter.take('b', 10)).toBe(0);
    expect(limiter.take('c', 11)).toBe(Number.POSITIVE_INFINITY);
  });

  it('remembers a bounded number of names', () => {
    const limiter = new RateLimiter(hourly(1), 2);
    expect(limiter.take('first')).toBe(0);
    expect(limiter.take('first')).toBeGreaterThan(0);
    for (const other of ['second', 'third']) limiter.take(other);
    expect(limiter.take('first')).toBe(0);
  });
});

describe('ClientAddresses', () => {
  const addressOf = (trusted: readonly string[], remoteAddress: string, forwarded?: string): string =>
    new ClientAddresses(trusted).of({
      socket: { remoteAddress },
      headers: { 'x-forwarded-for': forwarded },
    } as unknown as IncomingMessage);

  it.each<[readonly string[], string, string | undefined, string]>([
    [[], '198.51.100.1', '203.0.113.9', '198.51.100.1'],
    [[], '::ffff:198.51.100.1', undefined, '198.51.100.1'],
    [['10.0.0.0/8'], '10.1.2.3', '203.0.113.9', '203.0.113.9'],
    [['10.0.0.0/8'], '::ffff:10.1.2.3', '203.0.113.9', '203.0.113.9'],
    [['10.0.0.0/8'], '198.51.100.1', '203.0.113.9', '198.51.100.1'],
    [['10.0.0.0/8'], '10.1.2.3', '6.6.6.6, 203.0.113.9, 10.9.9.9', '203.0.113.9'],
    [['10.0.0.0/8'], '10.1.2.3', 'unknown, <script>', '10.1.2.3'],
    [['10.0.0.0/8'], '10.1.2.3', undefined, '10.1.2.3'],
    [['2001:db8::1'], '2001:db8::1', '203.0.113.9', '203.0.113.9'],
  ])('behind %j, %s with %j is %s', (trusted, remote, forwarded, expected) => {
    expect(addressOf(trusted, remote, forwarded)).toBe(expected);
  });

  it.each(['proxy', '10.0.0.0/33', '10.0.0.0/x', '', '::1/129'])('"%s" is no proxy', (proxy) => {
    expect(() => new ClientAddresses([proxy])).toThrow('no address and no network');
  });

  it.each([
    ['198.51.100.1', '198.51.100.1'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['2001:0db8:0000:0000:ffff::1', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
  ])('%s is of %s', (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });
});

describe('rate limits', () => {
  let bench: TestBench;
  const startWith = async (rates: Partial<RateLimits>, options: Partial<RouterOptions> = {}) => {
    const limits: Partial<RouterOptions['limits']> = { rates: { maxClients: 100, ...rates } };
    bench = await TestBench.start({ ...options, limits });
  };
  const claim = { query: '{ claim(id: "1") { id } }' };
  const as = async (claims: Record<string, unknown>, query = claim.query) =>
    bench.postAs(await bench.tokens.issue(300, claims), { query });
  afterEach(() => bench.stop());

  it('refuse with 429 and when to come back, each caller for themselves', async () => {
    await startWith({ operations: hourly(2) });
    const ann = { sub: 'hospital-a/ann' };
    for (let count = 0; count < 2; count += 1) expect((await as(ann)).status).toBe(200);
    const refused = await as(ann);
    expect(refused.status).toBe(429);
    expect(codesOf(refused.body)).toEqual(['RATE_LIMITED']);
    expect(Number(refused.headers.get('retry-after'))).toBe(1_800);
    expect(refused.body.errors?.[0]?.extensions.retryAfter).toBe(1_800);
    expect((await as({ sub: 'hospital-a/ben' })).status).toBe(200);
    expect((await as({ ...ann, client_id: 'another-app' })).status).toBe(200);
    const metrics = await (await fetch(bench.at('/metrics'))).text();
    expect(metrics).toContain('medigraph_router_refusals_total{code="RATE_LIMITED"} 1');
  });

  it('count nonsense too, before it is parsed', async () => {
    await startWith({ operations: hourly(1) });
    expect((await as({}, '{')).status).toBe(400);
    expect((await as({}, '{')).status).toBe(429);
  });

  it('count clients without a token by the address that trusted proxies tell', async () => {
    await startWith({ anonymous: hourly(1) }, { trustedProxies: ['127.0.0.1'] });
    const from = (address: string) =>
      bench.postAs(undefined, { query: '{ __typename }' }, { 'x-forwarded-for': address });
    expect((await from('203.0.113.1')).status).toBe(200);
    expect((await from('203.0.113.1')).status).toBe(429);
    expect((await from('6.6.6.6, 203.0.113.1')).status).toBe(429);
    expect((await from('203.0.113.2')).status).toBe(200);
  });

  it('count what operations cost', async () => {
    await startWith({ cost: hourly(30) });
    const claims = (first: number) => as({}, `{ claims(first: ${first}) { id } }`);
    expect((await claims(20)).status).toBe(200);
    expect((await claims(20)).status).toBe(429);
    expect((await claims(10)).status).toBe(200);
    const never = await claims(31);
    expect([never.status, never.headers.get('retry-after')]).toEqual([429, null]);
  });

  it('count uses of a field, aliases and fragments included', async () => {
    await startWith({ fields: { 'Mutation.noteInClaims': hourly(2) } });
    const twice =
      'mutation { a: noteInClaims(text: "a") ...M } fragment M on Mutation { b: noteInClaims(text: "b") }';
    expect((await as({}, twice)).status).toBe(200);
    expect((await as({}, 'mutation { noteInClaims(text: "c") }')).status).toBe(429);
    expect((await as({}, 'mutation { noteInPatients(text: "d") }')).status).toBe(200);
    expect(bench.clinic.notes).toEqual(['a', 'b', 'd']);
  });

  it('hold over WebSocket, where floods of subscriptions end', async () => {
    await startWith({ operations: hourly(100), subscriptions: hourly(3) });
    const client = createClient({
      url: bench.router.wsUrl,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: await bench.tokens.issue() },
    });
    const begin = async (): Promise<unknown> => {
      const events = client.iterate({ query: 'subscription { claimChanged(burst: 1) { id } }' });
      try {
        return ((await events.next()).value as FormattedExecutionResult | undefined)?.data;
      } catch (error) {
        return error;
      } finally {
        await events.return?.();
      }
    };
    for (let count = 0; count < 3; count += 1) expect(await begin()).toEqual({ claimChanged: { id: '1' } });
    expect(await begin()).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAfter: 1_200 } }]);
    expect((await as({})).status).toBe(200);
    await client.dispose();
  });
});
