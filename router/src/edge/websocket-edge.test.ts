import { once } from 'node:events';
import { type ExecutionResult } from 'graphql';
import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { defaultRouterLimits } from '../router-limits.js';
import { codesOf, TestBench, until } from '../testing/test-bench.js';

const { webSocket, subgraphs } = defaultRouterLimits;
const changes = 'subscription { claimChanged { id patient { name home { name } } } }';

describe('GraphQL over WebSocket', () => {
  let bench: TestBench;
  const clients: Client[] = [];

  beforeAll(async () => {
    bench = await TestBench.start({
      limits: {
        webSocket: {
          ...webSocket,
          maxMessageBytes: 5_000,
          maxOperationsPerConnection: 2,
          initTimeoutMs: 200,
        },
        subgraphs: { ...subgraphs, bufferedEvents: 5 },
      },
    });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.dispose();
    await until(() => bench.clinic.claimChanged.subscribers === 0);
  });
  afterAll(() => bench.stop());

  async function client(authorization?: string): Promise<Client> {
    const made = createClient({
      url: bench.router.wsUrl,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      lazyCloseTimeout: 500,
      connectionParams: { authorization: authorization ?? (await bench.tokens.issue()) },
    });
    clients.push(made);
    return made;
  }

  function subscribe(from: Client, query = changes): AsyncIterableIterator<ExecutionResult> {
    return from.iterate({ query }) as AsyncIterableIterator<ExecutionResult>;
  }

  async function publish(id: string, subscribers = 1): Promise<void> {
    await until(() => bench.clinic.claimChanged.subscribers === subscribers);
    bench.clinic.claimChanged.publish({ id });
  }

  const event = (id: number) => ({
    data: {
      claimChanged: {
        id: String(id),
        patient: { name: `Patient p${id % 3}`, home: { name: `Hospital i${(id % 3) % 2}` } },
      },
    },
  });

  it('answers queries', async () => {
    const answers = subscribe(await client(), '{ claim(id: "1") { id } }');
    expect(await answers.next()).toEqual({ done: false, value: { data: { claim: { id: '1' } } } });
    expect(await answers.next()).toMatchObject({ done: true });
  });

  it('delivers events enriched from other subgraphs, and forwards the token', async () => {
    const authorization = await bench.tokens.issue();
    const events = subscribe(await client(authorization));
    for (const id of [1, 2]) {
      const received = events.next();
      await publish(String(id));
      expect(await received).toEqual({ done: false, value: event(id) });
    }
    expect(bench.clinic.claims.connected.at(-1)).toBe(authorization);
    expect(bench.clinic.institutions.received.at(-1)?.authorization).toBe(authorization);
  });

  it('ends the upstream subscription when the client leaves', async () => {
    const events = subscribe(await client());
    const received = events.next();
    await publish('1');
    await received;
    await events.return?.();
    await until(() => bench.clinic.claimChanged.subscribers === 0 && bench.clinic.claims.openSockets === 0);
  });

  it('keeps an error of one event out of the next', async () => {
    const events = subscribe(await client(), 'subscription { claimChanged { id patient { secret } } }');
    for (const id of ['1', '2']) {
      const received = events.next();
      await publish(id);
      const { value } = (await received) as IteratorYieldResult<ExecutionResult>;
      expect(value.data).toEqual({ claimChanged: { id, patient: { secret: null } } });
      expect(codesOf(value)).toEqual(['FORBIDDEN']);
    }
  });

  it('ends a stream when the token expires, and takes no more operations with it', async () => {
    const from = await client(await bench.tokens.issue(2));
    const events = subscribe(from);
    const first = (await events.next()) as IteratorYieldResult<ExecutionResult>;
    expect(codesOf(first.value)).toEqual(['TOKEN_EXPIRED']);
    expect(await events.next()).toMatchObject({ done: true });
    await expect(subscribe(from, '{ claims { id } }').next()).rejects.toMatchObject([
      { extensions: { code: 'TOKEN_EXPIRED' } },
    ]);
  });

  it('closes on a bad token: 4401 where it never was good, 4403 where it was', async () => {
    await expect(subscribe(await client('Bearer forged')).next()).rejects.toMatchObject({
      code: 4401,
      reason: 'UNAUTHENTICATED',
    });
    await expect(subscribe(await client(await bench.tokens.issue(-1))).next()).rejects.toMatchObject({
      code: 4403,
      reason: 'TOKEN_EXPIRED',
    });
  });

  it('refuses what is refused over HTTP, with the same codes', async () => {
    const from = await client();
    await expect(subscribe(from, 'subscription { nothing }').next()).rejects.toMatchObject([
      { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    ]);
    const anonymous = createClient({ url: bench.router.wsUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
    clients.push(anonymous);
    await expect(subscribe(anonymous).next()).rejects.toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED' } },
    ]);
    expect(await subscribe(anonymous, '{ __typename }').next()).toMatchObject({
      value: { data: { __typename: 'Query' } },
    });
  });

  it('bounds the operations of a connection', async () => {
    const from = await client();
    const open = [subscribe(from), subscribe(from)].map((events) => events.next());
    await until(() => bench.clinic.claimChanged.subscribers === 2);
    await expect(subscribe(from).next()).rejects.toMatchObject([
      { extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } },
    ]);
    await publish('1', 2);
    expect(await Promise.all(open)).toEqual([1, 1].map((id) => ({ done: false, value: event(id) })));
  });

  it('cuts a consumer that falls behind, with a reason', async () => {
    // The subgraph sends more at once than may wait, while each event takes a call to another subgraph.
    const events = subscribe(
      await client(),
      'subscription { claimChanged(burst: 500) { id patient { name } } }',
    );
    const received: ExecutionResult[] = [];
    for await (const result of events) received.push(result);
    expect(received.length).toBeLessThan(500);
    expect(codesOf(received.at(-1) ?? {})).toEqual(['SLOW_CONSUMER']);
    expect(received.slice(0, -1).flatMap(codesOf)).toEqual([]);
  });

  it('reports a subgraph that is killed in mid-stream', async () => {
    const events = subscribe(await client());
    const first = events.next();
    await publish('1');
    await first;
    await bench.clinic.claims.stop();
    const last = (await events.next()) as IteratorYieldResult<ExecutionResult>;
    expect(codesOf(last.value)).toEqual(['SUBGRAPH_UNAVAILABLE']);
    expect(await events.next()).toMatchObject({ done: true });
    const refused = (await subscribe(await client()).next()) as IteratorYieldResult<ExecutionResult>;
    expect(codesOf(refused.value)).toEqual(['SUBGRAPH_UNAVAILABLE']);
    await bench.clinic.claims.start();
  });

  it('delivers what it has when only the enriching subgraph is down', async () => {
    const events = subscribe(
      await client(),
      'subscription { claimChanged { id patient { id home { name } } } }',
    );
    const received = events.next();
    await bench.clinic.institutions.stop();
    await publish('1');
    const { value } = (await received) as IteratorYieldResult<ExecutionResult>;
    expect(value.data).toEqual({ claimChanged: { id: '1', patient: { id: 'p1', home: null } } });
    expect(codesOf(value)).toContain('SUBGRAPH_UNAVAILABLE');
    await bench.clinic.institutions.start();
  });

  describe('hostile connections', () => {
    async function closeOf(send: (socket: WebSocket) => void): Promise<number> {
      const socket = new WebSocket(bench.router.wsUrl, 'graphql-transport-ws');
      socket.on('open', () => send(socket));
      const [code] = (await once(socket, 'close')) as [number, Buffer];
      return code;
    }

    it.each<[string, number, (socket: WebSocket) => void]>([
      ['says nothing', 4408, () => undefined],
      ['talks nonsense', 4400, (socket) => socket.send('nonsense')],
      [
        'starts without introduction',
        4401,
        (socket) => socket.send('{"type":"subscribe","id":"1","payload":{"query":"{a}"}}'),
      ],
      [
        'introduces itself twice',
        4429,
        (socket) => ['', ''].forEach(() => socket.send('{"type":"connection_init"}')),
      ],
      [
        'sends a message too large',
        1009,
        (socket) => socket.send(JSON.stringify({ type: 'ping', payload: { x: 'x'.repeat(6_000) } })),
      ],
    ])('closes on one that %s', async (_name, code, send) => {
      expect(await closeOf(send)).toBe(code);
    });

    it('cuts a client that answers no pings', async () => {
      // A router of its own: the others' clients would have to be as quick, on whatever machine this runs.
      const pinging = await TestBench.start({ limits: { webSocket: { ...webSocket, keepAliveMs: 100 } } });
      const silent = new WebSocket(pinging.router.wsUrl, 'graphql-transport-ws', { autoPong: false });
      silent.on('open', () => silent.send('{"type":"connection_init"}'));
      const [code] = (await once(silent, 'close')) as [number];
      expect(code).toBe(1006);
      await pinging.stop();
    });

    it('cuts a subscriber that takes nothing, with a reason, and leaves the others alone', async () => {
      const slow = await TestBench.start({
        limits: {
          webSocket: { ...webSocket, bufferedBytes: 1_000 },
          live: { ...defaultRouterLimits.live, bufferedEvents: 20 },
        },
      });
      const query = 'subscription { claimEvents { cursor claim { id } } }';
      const authorization = await slow.tokens.issue();
      const subscribeTo = async (received: string[]): Promise<WebSocket> => {
        const socket = new WebSocket(slow.router.wsUrl, 'graphql-transport-ws');
        socket.on('message', (data: Buffer) => received.push(data.toString()));
        await once(socket, 'open');
        socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
        await until(() => received.length === 1);
        socket.send(JSON.stringify({ type: 'subscribe', id: 'x', payload: { query } }));
        return socket;
      };
      const heard: string[] = [];
      const stalledHeard: string[] = [];
      const attentive = await subscribeTo(heard);
      const stalled = await subscribeTo(stalledHeard);
      const streams = async (): Promise<boolean> =>
        (await (await fetch(slow.at('/metrics'))).text()).includes(
          'streams_ended_total{transport="websocket",code="SLOW_CONSUMER"} 1',
        );
      await until(() => slow.clinic.claimEvents.readers === 1);
      stalled.pause();
      let sent = 0;
      await until(async () => {
        slow.clinic.claimEvents.append({ id: `${'9'.repeat(100_000)}${(sent += 1)}` });
        await until(() => heard.length === sent + 1);
        return streams();
      });
      stalled.resume();
      await until(() => stalledHeard.at(-1)?.includes('"complete"') === true);
      const cut = JSON.parse(stalledHeard.at(-2) ?? '') as { payload: ExecutionResult };
      const last = JSON.parse(stalledHeard.at(-3) ?? '') as { payload: ExecutionResult };
      expect(codesOf(cut.payload)).toEqual(['SLOW_CONSUMER']);
      // The cursor is that of the last event it was given: with it, it misses nothing.
      expect(cut.payload.errors?.[0]?.extensions['cursor']).toBe(
        (last.payload.data?.['claimEvents'] as { cursor: string }).cursor,
      );
      attentive.terminate();
      stalled.terminate();
      await until(() => slow.clinic.claimEvents.readers === 0);
      await slow.stop();
    });

    it.each([
      ['from a foreign page', '/graphql', { origin: 'https://evil.example' }, 403],
      ['at another path', '/elsewhere', {}, 404],
    ])('refuses one %s', async (_name, path, headers, status) => {
      const socket = new WebSocket(bench.at(path).replace('http', 'ws'), 'graphql-transport-ws', { headers });
      const [error] = (await once(socket, 'error')) as [Error];
      expect(error.message).toContain(String(status));
    });
  });
});
