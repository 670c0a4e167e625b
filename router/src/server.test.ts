import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { type ExecutionResult } from 'graphql';
import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { RouterProcess } from './testing/router-process.js';
import { codesOf, TestBench, until } from './testing/test-bench.js';

const changes = `subscription($after: String) { claimEvents(after: $after) { cursor claim { id patient { name } } } }`;

interface Event {
  readonly cursor: string;
  readonly claim: { readonly id: string };
}

describe('the router as a process', () => {
  let bench: TestBench;
  const routers: RouterProcess[] = [];
  const clients: Client[] = [];

  beforeAll(async () => {
    bench = await TestBench.start({ jwks: () => bench.tokens.jwks() });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.dispose();
    for (const router of routers.splice(0)) await router.remove();
  });
  afterAll(() => bench.stop());

  async function start(env?: Readonly<Record<string, string>>): Promise<RouterProcess> {
    const router = await RouterProcess.start(bench, env);
    routers.push(router);
    return router;
  }

  /** Subscribes after a cursor; what comes is in `results`, and `closed` is the code that the connection ended with. */
  async function subscribe(url: string, after?: string) {
    const results: ExecutionResult[] = [];
    const client = createClient({
      url,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization: await bench.tokens.issue() },
    });
    clients.push(client);
    const closed = new Promise<unknown>((resolve) => {
      client.subscribe(
        { query: changes, variables: { after } },
        {
          next: (result) => results.push(result as ExecutionResult),
          error: (error) => resolve((error as { code?: unknown }).code),
          complete: () => resolve(undefined),
        },
      );
    });
    const events = () => results.flatMap(({ data }) => (data?.['claimEvents'] as Event | undefined) ?? []);
    return { results, closed, events };
  }

  async function post(url: string, query: string): Promise<Response> {
    return fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: await bench.tokens.issue() },
      body: JSON.stringify({ query }),
    });
  }

  it('serves, and ends by itself on SIGTERM', async () => {
    const router = await start();
    const response = await post(router.url, '{ claim(id: "1") { patient { name } } }');
    expect(await response.json()).toEqual({ data: { claim: { patient: { name: 'Patient p1' } } } });
    router.child.kill('SIGTERM');
    expect(await router.exited).toBe(0);
  });

  it('drains on SIGTERM: queries finish, new ones are refused, streams are told where to go on', async () => {
    const router = await start();
    const live = await subscribe(router.wsUrl);
    await until(() => bench.clinic.claimEvents.readers === 1);
    bench.clinic.claimEvents.append({ id: '1' });
    await until(() => live.events().length === 1);
    const stream = await fetch(router.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: await bench.tokens.issue(),
      },
      body: JSON.stringify({ query: changes }),
    });
    const running = post(router.url, '{ slow(milliseconds: 1500) }');
    await until(() => bench.clinic.patients.received.some(({ query }) => query.includes('slow')));
    router.child.kill('SIGTERM');
    expect(await live.closed).toBe(1012);
    const hint = live.results.at(-1) ?? {};
    expect([codesOf(hint), hint.errors?.[0]?.extensions['cursor']]).toEqual([
      ['SHUTTING_DOWN'],
      live.events().at(-1)?.cursor,
    ]);
    const rest = await stream.text();
    expect(rest).toContain('"code":"SHUTTING_DOWN","cursor":"at-');
    expect(rest).toContain('retry: 1000');
    expect(rest).not.toContain('event: complete');
    const refused = await post(router.url, '{ claim(id: "1") { id } }');
    expect([refused.status, refused.headers.get('retry-after'), refused.headers.get('connection')]).toEqual([
      503,
      '1',
      'close',
    ]);
    expect(codesOf((await refused.json()) as ExecutionResult)).toEqual(['SHUTTING_DOWN']);
    expect((await fetch(new URL('/ready', router.url))).status).toBe(503);
    expect(await (await running).json()).toEqual({ data: { slow: 'at last' } });
    expect(await router.exited).toBe(0);
  });

  it('is followed by another one without loss or duplicate', async () => {
    const first = await start();
    const before = await subscribe(first.wsUrl);
    await until(() => bench.clinic.claimEvents.readers === 1);
    for (const id of ['1', '2']) bench.clinic.claimEvents.append({ id });
    await until(() => before.events().length === 2);
    first.child.kill('SIGTERM');
    await before.closed;
    await first.exited;
    for (const id of ['3', '4']) bench.clinic.claimEvents.append({ id });
    const second = await start();
    const cursor = before.results.at(-1)?.errors?.[0]?.extensions['cursor'];
    const after = await subscribe(second.wsUrl, String(cursor));
    await until(() => after.events().length === 2);
    bench.clinic.claimEvents.append({ id: '5' });
    await until(() => after.events().length === 3);
    const ids = [...before.events(), ...after.events()].map(({ claim }) => claim.id);
    expect(ids).toEqual(['1', '2', '3', '4', '5']);
  });

  it('cuts by its deadline who neither finishes nor takes anything', async () => {
    const router = await start({ MEDIGRAPH_DRAIN_MS: '300' });
    const { hostname, port } = new URL(router.url);
    const authorization = await bench.tokens.issue();
    const body = JSON.stringify({ query: changes });
    // A client that asks for a stream and then never reads again.
    const halfOpen = connect(Number(port), hostname);
    halfOpen.on('error', () => undefined);
    halfOpen.pause();
    halfOpen.write(
      `POST /graphql/stream HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    const agent = new Agent({ keepAlive: true });
    const hanging = request(router.url, { method: 'POST', agent, headers: { authorization } });
    hanging.on('error', () => undefined);
    hanging.write('{');
    const slow = post(router.url, '{ slow(milliseconds: 60000) }').catch(() => 'cut');
    await until(() => bench.clinic.claimEvents.readers === 1);
    await until(() =>
      bench.clinic.patients.received.some(({ query }) => query.includes('60000') || query.includes('slow')),
    );
    const begun = Date.now();
    router.child.kill('SIGTERM');
    expect(await router.exited).toBe(0);
    expect(Date.now() - begun).toBeLessThan(5_000);
    expect(await slow).toBe('cut');
    halfOpen.destroy();
    agent.destroy();
  });

  it('follows the file of its supergraph', async () => {
    const router = await start({ MEDIGRAPH_SUPERGRAPH_POLL_MS: '100' });
    const live = await subscribe(router.wsUrl);
    await until(() => bench.clinic.claimEvents.readers === 1);
    const knowsBeds = async (): Promise<boolean> => {
      const { errors } = (await (
        await post(router.url, '{ institution(id: "i1") { beds } }')
      ).json()) as ExecutionResult;
      return errors === undefined;
    };
    expect(await knowsBeds()).toBe(true);
    await router.offer(bench.clinic.supergraph.replace(/\n\s*beds: Int/, ''));
    await until(async () => !(await knowsBeds()));
    bench.clinic.claimEvents.append({ id: '9' });
    await until(() => live.events().length === 1);
    expect(live.results.flatMap(codesOf)).toEqual([]);
  });

  it('says in one line what is missing', async () => {
    const server = path.join(import.meta.dirname, 'server.js');
    const child = fork(server, [], { execArgv: [], silent: true, env: { PATH: process.env['PATH'] } });
    const exit = once(child, 'exit') as Promise<[number]>;
    const said = child.stderr ? await text(child.stderr) : '';
    expect([(await exit)[0], said]).toEqual([
      1,
      'router: MEDIGRAPH_SUPERGRAPH: must name a file or an address\n',
    ]);
  });
});
