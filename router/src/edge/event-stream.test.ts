import { connect } from 'node:net';
import { createClient, type Client } from 'graphql-sse';
import { type ExecutionResult } from 'graphql';
import { createClient as createWebSocketClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { defaultRouterLimits } from '../router-limits.js';
import { codesOf, TestBench, until } from '../testing/test-bench.js';

const { http, subgraphs } = defaultRouterLimits;
const changes = 'subscription { claimChanged { id patient { name } } }';

describe('GraphQL over server-sent events', () => {
  let bench: TestBench;
  const clients: Client[] = [];

  beforeAll(async () => {
    bench = await TestBench.start({
      limits: {
        http: { ...http, heartbeatMs: 50, stallMs: 200 },
        subgraphs: { ...subgraphs, bufferedEvents: 50 },
      },
    });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.dispose();
    await until(() => bench.clinic.claimChanged.subscribers === 0);
  });
  afterAll(() => bench.stop());

  async function subscribe(query = changes, authorization?: string, url = bench.at('/graphql/stream')) {
    const token = authorization ?? (await bench.tokens.issue());
    const client = createClient({ url, retryAttempts: 0, headers: { authorization: token } });
    clients.push(client);
    return client.iterate({ query }) as AsyncIterableIterator<ExecutionResult>;
  }

  async function publish(id: string): Promise<void> {
    await until(() => bench.clinic.claimChanged.subscribers > 0);
    bench.clinic.claimChanged.publish({ id });
  }

  it.each(['/graphql/stream', '/graphql'])('delivers enriched events at %s', async (path) => {
    const events = await subscribe(changes, undefined, bench.at(path));
    for (const id of ['1', '2']) {
      const received = events.next();
      await publish(id);
      expect(await received).toEqual({
        done: false,
        value: { data: { claimChanged: { id, patient: { name: `Patient p${id}` } } } },
      });
    }
  });

  it('shares a stream with clients that come over WebSocket', async () => {
    const query = 'subscription { claimEvents { cursor claim { id } } }';
    const authorization = await bench.tokens.issue();
    const client = createWebSocketClient({
      url: bench.router.wsUrl,
      webSocketImpl: WebSocket,
      connectionParams: { authorization },
    });
    const both = [client.iterate({ query }), await subscribe(query, authorization)];
    const received = Promise.all(both.map((events) => events.next()));
    const metrics = async (): Promise<string> => (await fetch(bench.at('/metrics'))).text();
    await until(async () => {
      const text = await metrics();
      return ['sse', 'websocket'].every((name) => text.includes(`_subscriptions{transport="${name}"} 1`));
    });
    await until(() => bench.clinic.claimEvents.readers === 1);
    bench.clinic.claimEvents.append({ id: '1' });
    const event = { data: { claimEvents: { cursor: 'at-1', claim: { id: '1' } } } };
    expect((await received).map(({ value }) => value as unknown)).toEqual([event, event]);
    await client.dispose();
  });

  it('answers queries with one event', async () => {
    const results = await subscribe('{ claim(id: "1") { id } }');
    expect(await results.next()).toEqual({ done: false, value: { data: { claim: { id: '1' } } } });
    expect(await results.next()).toMatchObject({ done: true });
  });

  it('reports a bad document in the stream, a bad token by status', async () => {
    const { value } = (await (await subscribe('{ nothing }')).next()) as IteratorYieldResult<ExecutionResult>;
    expect(codesOf(value)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    await expect((await subscribe(changes, 'Bearer forged')).next()).rejects.toMatchObject({
      response: { status: 401 },
    });
  });

  it('ends with a reason when the token expires', async () => {
    const events = await subscribe(changes, await bench.tokens.issue(2));
    const { value } = (await events.next()) as IteratorYieldResult<ExecutionResult>;
    expect(codesOf(value)).toEqual(['TOKEN_EXPIRED']);
    expect(await events.next()).toMatchObject({ done: true });
  });

  it('ends the upstream subscription when the client leaves', async () => {
    const events = await subscribe();
    const received = events.next();
    await publish('1');
    await received;
    await events.return?.();
    await until(() => bench.clinic.claimChanged.subscribers === 0);
  });

  it('keeps a silent stream alive', async () => {
    const leave = new AbortController();
    const response = await fetch(bench.at('/graphql/stream'), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: await bench.tokens.issue() },
      body: JSON.stringify({ query: changes }),
      signal: leave.signal,
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    let text = '';
    const decoder = new TextDecoder();
    const body = response.body as AsyncIterable<Uint8Array> | null;
    if (!body) throw new Error('no body');
    for await (const chunk of body) {
      text += decoder.decode(chunk);
      if (text.split(':\n\n').length > 3) break;
    }
    leave.abort();
  });

  it('cuts a client that takes nothing, and ends its subscription', async () => {
    const { hostname, port } = new URL(bench.router.url);
    const body = JSON.stringify({ query: changes });
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.pause();
    const authorization = await bench.tokens.issue();
    socket.write(
      `POST /graphql/stream HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await until(() => bench.clinic.claimChanged.subscribers === 1);
    // Nothing is read on this side: the buffers between fill up, then the router waits, then it cuts.
    await until(() => {
      for (let count = 0; count < 40; count += 1)
        bench.clinic.claimChanged.publish({ id: '9'.repeat(20_000) });
      return bench.clinic.claimChanged.subscribers === 0;
    });
    socket.destroy();
  });
});
