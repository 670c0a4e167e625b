import { type ExecutionResult } from 'graphql';
import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { defaultRouterLimits } from '../router-limits.js';
import { codesOf, TestBench, until } from '../testing/test-bench.js';

const changes = 'subscription { claimEvents { claim { id patient { name } } } }';
const resuming = `subscription Again($from: String) {
  claimEvents(after: $from) { cursor claim { id patient { name } } }
}`;

/** A subscriber over WebSocket and what it was given. */
class Subscriber {
  readonly results: ExecutionResult[] = [];
  readonly ended: Promise<void>;
  readonly #client: Client;

  constructor(bench: TestBench, authorization: string, payload: { query: string; variables?: object }) {
    this.#client = createClient({
      url: bench.router.wsUrl,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      lazyCloseTimeout: 0,
      connectionParams: { authorization },
    });
    const { query, variables = {} } = payload;
    this.ended = new Promise((resolve) => {
      this.#client.subscribe(
        { query, variables: { ...variables } },
        {
          next: (result) => this.results.push(result as ExecutionResult),
          error: () => resolve(),
          complete: () => resolve(),
        },
      );
    });
  }

  /** Ids of the claims that came, in order. */
  get ids(): readonly unknown[] {
    return this.results.flatMap(({ data }) => {
      const event = data?.['claimEvents'] as { claim: { id: string } } | undefined;
      return event ? [event.claim.id] : [];
    });
  }

  get last(): ExecutionResult {
    return this.results.at(-1) ?? {};
  }

  /** The cursor that a cut stream was given to come back with. */
  get cursorToResume(): unknown {
    return this.last.errors?.[0]?.extensions['cursor'];
  }

  async close(): Promise<void> {
    await this.#client.dispose();
  }
}

describe('the live hub', () => {
  let bench: TestBench;
  const subscribers: Subscriber[] = [];

  const start = async (options: Parameters<typeof TestBench.start>[0] = {}): Promise<void> => {
    bench = await TestBench.start(options);
  };
  afterEach(async () => {
    for (const subscriber of subscribers.splice(0)) await subscriber.close();
    await until(() => bench.clinic.claimEvents.readers === 0);
    expect(await figure('medigraph_router_upstream_subscriptions')).toBe(0);
    await bench.stop();
  });

  async function subscribe(
    payload: { query: string; variables?: object } = { query: changes },
    authorization?: string,
  ): Promise<Subscriber> {
    const subscriber = new Subscriber(bench, authorization ?? (await bench.tokens.issue()), payload);
    subscribers.push(subscriber);
    return subscriber;
  }

  async function figure(name: string): Promise<number> {
    const text = await (await fetch(bench.at('/metrics'))).text();
    return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  }

  const streams = (count: number): Promise<void> =>
    until(async () => (await figure('medigraph_router_subscriptions')) === count);

  it('opens one upstream for equal operations, however they are written, and enriches each event once', async () => {
    await start();
    const token = await bench.tokens.issue();
    await Promise.all([
      subscribe({ query: changes }, token),
      subscribe({ query: 'subscription Mine { claimEvents { claim { id, patient { name } } } }' }),
      subscribe({
        query: `subscription($after: String) { ...E } fragment E on Subscription { claimEvents(after: $after) { claim { id patient { name } } } }`,
      }),
    ]);
    await streams(3);
    await until(() => bench.clinic.claimEvents.readers === 1);
    const asked = bench.clinic.patients.received.length;
    bench.clinic.claimEvents.append({ id: '1' });
    bench.clinic.claimEvents.append({ id: '2' });
    await until(() => subscribers.every(({ ids }) => ids.length === 2));
    expect(subscribers.map(({ results }) => results)).toEqual(
      subscribers.map(() =>
        ['1', '2'].map((id) => ({
          data: { claimEvents: { claim: { id, patient: { name: `Patient p${id}` } } } },
        })),
      ),
    );
    expect(bench.clinic.claimEvents.opened).toBe(1);
    expect(bench.clinic.patients.received.length - asked).toBe(2);
  });

  it.each([
    ['another person', { sub: 'hospital-a/dr-other' }],
    ['other scopes', { scope: 'openid' }],
    ['a claim that only some subgraph knows', { acr: '2' }],
  ])('shares nothing with %s', async (_who, claims) => {
    await start();
    await subscribe();
    await subscribe({ query: changes }, await bench.tokens.issue(300, claims));
    await until(() => bench.clinic.claimEvents.readers === 2);
  });

  it('shares between people where the operator says that no subgraph looks who they are', async () => {
    await start({ liveIgnoredClaims: ['sub'] });
    await subscribe();
    await subscribe({ query: changes }, await bench.tokens.issue(300, { sub: 'hospital-a/dr-other' }));
    await subscribe({ query: changes }, await bench.tokens.issue(300, { role: 'hospital' }));
    await streams(3);
    await until(() => bench.clinic.claimEvents.readers === 2);
  });

  it('shares nothing between other arguments, nor streams without cursors', async () => {
    await start();
    const states = 'subscription($s: [ClaimStatus!]) { claimEvents(states: $s) { claim { id } } }';
    for (const s of [['PAID'], ['ENTERED'], ['PAID']]) await subscribe({ query: states, variables: { s } });
    for (const query of ['subscription { claimChanged { id } }', 'subscription { claimChanged { id } }'])
      await subscribe({ query });
    await until(() => bench.clinic.claimEvents.readers === 2 && bench.clinic.claimChanged.subscribers === 2);
    await streams(5);
  });

  it('resumes after a cursor, and joins the stream that is live where they meet', async () => {
    await start();
    for (const id of ['1', '2', '3']) bench.clinic.claimEvents.append({ id });
    const live = await subscribe({ query: resuming });
    await streams(1);
    await until(() => bench.clinic.claimEvents.readers === 1);
    const late = await subscribe({ query: resuming, variables: { from: 'at-1' } });
    await until(() => late.ids.length === 2);
    bench.clinic.claimEvents.append({ id: '4' });
    await until(() => late.ids.length === 3 && live.ids.length === 1);
    await until(() => bench.clinic.claimEvents.readers === 1);
    bench.clinic.claimEvents.append({ id: '5' });
    await until(() => late.ids.length === 4 && live.ids.length === 2);
    expect([late.ids, live.ids]).toEqual([
      ['2', '3', '4', '5'],
      ['4', '5'],
    ]);
    expect(late.results[0]?.data).toMatchObject({ claimEvents: { cursor: 'at-2' } });
  });

  it('takes a crowd that comes back after the same event in one upstream', async () => {
    await start();
    bench.clinic.claimEvents.append({ id: '1' });
    const payload = { query: resuming, variables: { from: 'at-1' } };
    await Promise.all(Array.from({ length: 20 }, () => subscribe(payload)));
    await streams(20);
    expect(bench.clinic.claimEvents.readers).toBe(1);
  });

  it('refuses a forged cursor, and does not leak it into the stream of others', async () => {
    await start();
    const honest = await subscribe({ query: resuming });
    const forger = await subscribe({ query: resuming, variables: { from: 'at-999' } });
    await forger.ended;
    expect(codesOf(forger.last)).toEqual(['CURSOR_INVALID']);
    await until(() => bench.clinic.claimEvents.readers === 1);
    bench.clinic.claimEvents.append({ id: '1' });
    await until(() => honest.ids.length === 1);
  });

  it.each([
    ['an alias', 'subscription { claimEvents { _live_cursor: cursor } }'],
    ['a variable', 'subscription($_live_after: String) { claimEvents(after: $_live_after) { cursor } }'],
  ])("refuses %s by a name that is the router's own", async (_what, query) => {
    await start();
    const refused = await subscribe({ query });
    await refused.ended;
    expect(codesOf(refused.last)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect(bench.clinic.claimEvents.opened).toBe(0);
  });

  it.each([
    ['a literal', 'subscription { claimEvents(after: "at-1") { cursor claim { id } } }', {}],
    ['a default', 'subscription($a: String = "at-1") { claimEvents(after: $a) { cursor claim { id } } }', {}],
    [
      'a variable inside a fragment',
      'subscription($a: String) { ...on Subscription { claimEvents(after: $a) { ...E } } } fragment E on ClaimEvent { cursor claim { id } }',
      { a: 'at-1' },
    ],
  ])('takes the cursor from %s', async (_what, query, variables) => {
    await start();
    for (const id of ['1', '2']) bench.clinic.claimEvents.append({ id });
    const resumed = await subscribe({ query, variables });
    await until(() => resumed.ids.length === 1);
    expect(resumed.results).toEqual([{ data: { claimEvents: { cursor: 'at-2', claim: { id: '2' } } } }]);
  });

  it('delivers an event that cannot be enriched as the specification has it, and goes on after it', async () => {
    await start();
    const broken = await subscribe({
      query: 'subscription { claimEvents { claim { patient { broken } } } }',
    });
    await until(() => bench.clinic.claimEvents.readers === 1);
    bench.clinic.claimEvents.append({ id: '1' });
    await until(() => broken.results.length === 1);
    expect([broken.last.data, codesOf(broken.last)]).toEqual([null, ['UNKNOWN_NAME']]);
    await bench.clinic.claims.stop();
    await bench.clinic.claims.start();
    await until(() => bench.clinic.claimEvents.readers === 1);
    bench.clinic.claimEvents.append({ id: '2' });
    await until(() => broken.results.length === 2);
  });

  it('goes on over the restart of a subgraph, without loss or duplicate, also before the first event', async () => {
    await start();
    const followed = await subscribe();
    await until(() => bench.clinic.claimEvents.readers === 1);
    for (const round of [1, 2, 3]) {
      await bench.clinic.claims.stop();
      await until(() => bench.clinic.claimEvents.readers === 0);
      bench.clinic.claimEvents.append({ id: `${round}1` });
      await bench.clinic.claims.start();
      await until(() => bench.clinic.claimEvents.readers === 1);
      bench.clinic.claimEvents.append({ id: `${round}2` });
      await until(() => followed.ids.length === round * 2);
    }
    expect(followed.ids).toEqual(['11', '12', '21', '22', '31', '32']);
    expect(await figure('medigraph_router_upstream_reconnects_total')).toBeGreaterThanOrEqual(3);
  });

  it('says so when a subgraph stays away, with the cursor to come back with', async () => {
    await start({ limits: { live: { ...defaultRouterLimits.live, reconnectMs: 300 } } });
    const followed = await subscribe();
    await until(() => bench.clinic.claimEvents.readers === 1);
    await bench.clinic.claims.stop();
    await followed.ended;
    expect(codesOf(followed.last)).toEqual(['SUBGRAPH_UNAVAILABLE']);
    expect(followed.cursorToResume).toBe('at-0');
    await bench.clinic.claims.start();
  });

  it('catches up where it was too slow itself: the upstream is opened again, nobody is cut', async () => {
    await start({ limits: { subgraphs: { ...defaultRouterLimits.subgraphs, bufferedEvents: 5 } } });
    const followed = await subscribe();
    await until(() => bench.clinic.claimEvents.readers === 1);
    const ids = Array.from({ length: 100 }, (_, index) => String(index));
    for (const id of ids) bench.clinic.claimEvents.append({ id });
    await until(() => followed.ids.length >= ids.length);
    expect(followed.ids).toEqual(ids);
  });

  it('goes on with the token that is good for longest, and ends each stream with its own', async () => {
    await start();
    const short = await subscribe({ query: changes }, await bench.tokens.issue(2));
    await until(() => bench.clinic.claimEvents.readers === 1);
    const long = await subscribe();
    await short.ended;
    expect(codesOf(short.last)).toEqual(['TOKEN_EXPIRED']);
    expect(short.cursorToResume).toBe('at-0');
    bench.clinic.claimEvents.append({ id: '1' });
    await until(() => long.ids.length === 1);
    expect(short.ids).toEqual([]);
  });

  it('bounds the streams of the router and the upstreams of one person', async () => {
    await start({
      limits: { live: { ...defaultRouterLimits.live, maxStreams: 3, maxFeedsPerAudience: 2 } },
    });
    const states = 'subscription($s: [ClaimStatus!]) { claimEvents(states: $s) { claim { id } } }';
    await subscribe({ query: states, variables: { s: ['PAID'] } });
    await subscribe({ query: states, variables: { s: ['ENTERED'] } });
    await streams(2);
    const greedy = await subscribe();
    await greedy.ended;
    expect(codesOf(greedy.last)).toEqual(['TOO_MANY_SUBSCRIPTIONS']);
    await subscribe({ query: changes }, await bench.tokens.issue(300, { sub: 'hospital-a/dr-other' }));
    await streams(3);
    const fourth = await subscribe({ query: states, variables: { s: ['PAID'] } });
    await fourth.ended;
    expect(codesOf(fourth.last)).toEqual(['TOO_MANY_SUBSCRIPTIONS']);
  });

  it('ends without a trace, however often somebody subscribes and leaves', async () => {
    await start();
    for (let round = 0; round < 30; round += 1) {
      const subscriber = await subscribe();
      if (round % 2 === 0) await streams(1);
      await subscriber.close();
    }
    await streams(0);
    await until(async () => (await figure('medigraph_router_websockets')) === 0);
  });
});
