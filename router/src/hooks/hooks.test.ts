import { once } from 'node:events';
import { GraphQLError, OperationTypeNode } from 'graphql';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { RouterError } from '../errors.js';
import { codesOf, TestBench, until } from '../testing/test-bench.js';
import { type OperationOutcome, type RouterPlugin } from './router-plugin.js';

class Refused extends RouterError {
  readonly status = 418;
  constructor() {
    super('TEAPOT', 'Not with this one.');
  }
}

describe('a plugin', () => {
  let bench: TestBench;
  const startWith = async (...plugins: readonly Omit<RouterPlugin, 'name'>[]): Promise<void> => {
    bench = await TestBench.start({
      plugins: plugins.map((plugin, index) => ({ ...plugin, name: `plugin ${index}` })),
    });
  };

  afterEach(() => bench.stop());

  it('sees an operation through all hooks, with one origin', async () => {
    const seen: [string, unknown][] = [];
    const outcomes: OperationOutcome[] = [];
    await startWith({
      request: (_request, origin) => {
        seen.push(['request', origin]);
        return {
          settled: (outcome) => {
            seen.push(['settled', origin]);
            outcomes.push(outcome);
          },
        };
      },
      plan: (operation, origin) => {
        seen.push([`plan ${operation.cost}`, origin]);
        return undefined;
      },
      fetch: (request, next) => {
        seen.push([`fetch ${request.subgraph}`, request.origin]);
        return next(request);
      },
    });
    const { body } = await bench.post({ query: '{ claim(id: "1") { id patient { name } } }' });
    expect(body.errors).toBeUndefined();
    expect(seen.map(([hook]) => hook)).toEqual([
      'request',
      'plan 2',
      'fetch claims',
      'fetch patients',
      'settled',
    ]);
    expect(new Set(seen.map(([, origin]) => origin)).size).toBe(1);
    expect(seen[0]?.[1]).toMatchObject({ transport: 'http', address: '127.0.0.1' });
    expect(outcomes).toMatchObject([{ operation: { cost: 2 }, result: { data: body.data } }]);
  });

  it('may put another request in the place of the one that came, each after the other', async () => {
    await startWith(
      { request: () => ({ request: { query: '{ claims(first: 1) { id } }' } }) },
      { request: ({ query = '' }) => ({ request: { query: query.replace('first: 1', 'first: 2') } }) },
    );
    const { body } = await bench.post({ query: '{ __typename }' });
    expect(body.data).toEqual({ claims: [{ id: '1' }, { id: '2' }] });
  });

  it.each(['request', 'plan'] as const)(
    'refuses an operation at %s, by its own code and status',
    async (hook) => {
      const outcomes: OperationOutcome[] = [];
      await startWith(
        { request: () => ({ settled: (outcome) => void outcomes.push(outcome) }) },
        {
          [hook]: () => {
            throw new Refused();
          },
        },
      );
      const { status, body } = await bench.post({ query: '{ claim(id: "1") { id } }' });
      expect(status).toBe(418);
      expect(codesOf(body)).toEqual(['TEAPOT']);
      expect(outcomes).toMatchObject([{ error: { code: 'TEAPOT' } }]);
      expect(bench.clinic.claims.received).toEqual([]);
    },
  );

  it('that fails says nothing of it to the client', async () => {
    await startWith({ plan: () => Promise.reject(new Error('password=hunter2')) });
    const { status, body } = await bench.post({ query: '{ claim(id: "1") { id } }' });
    expect(status).toBe(500);
    expect(codesOf(body)).toEqual(['INTERNAL_SERVER_ERROR']);
    expect(JSON.stringify(body)).not.toContain('hunter2');
  });

  it('refuses one fetch; the rest of the answer is given', async () => {
    await startWith({
      fetch: (request, next) => {
        if (request.subgraph === 'patients') throw new Refused();
        return next(request);
      },
    });
    const { body } = await bench.post({ query: '{ claim(id: "1") { id status patient { id name } } }' });
    expect(codesOf(body)).toEqual(['TEAPOT']);
    expect(body.data).toEqual({ claim: null });
  });

  it('answers in the place of a subgraph, and stands around those that come after it', async () => {
    const order: string[] = [];
    await startWith(
      {
        fetch: async (request, next) => {
          order.push('outer');
          const result = await next(request);
          order.push('outer again');
          return result;
        },
      },
      {
        fetch: ({ subgraph }) => {
          order.push(`inner ${subgraph}`);
          return Promise.resolve({ data: { claim: { id: '7', status: 'PAID' } } });
        },
      },
    );
    const { body } = await bench.post({ query: '{ claim(id: "1") { id status } }' });
    expect(body.data).toEqual({ claim: { id: '7', status: 'PAID' } });
    expect(order).toEqual(['outer', 'inner claims', 'outer again']);
    expect(bench.clinic.claims.received).toEqual([]);
  });

  it('sends a query to another address, and again to the configured one', async () => {
    let elsewhere = 0;
    await startWith({
      fetch: async (request, next) => {
        const first = await next({ ...request, endpoint: { url: 'http://127.0.0.1:1/graphql' } });
        if (!first.errors) return first;
        elsewhere += 1;
        return next(request);
      },
    });
    const { body } = await bench.post({ query: '{ claim(id: "1") { id } }' });
    expect(body.data).toEqual({ claim: { id: '1' } });
    expect(elsewhere).toBe(1);
  });

  it('adds headers that depend on the body, over HTTP and in a subscription', async () => {
    const messages: [subgraph: string, keys: readonly string[]][] = [];
    const source = {
      headers: [
        ({ subgraph, body }: { subgraph: string; body: string }) => {
          messages.push([subgraph, Object.keys(JSON.parse(body) as object)]);
          return { 'x-request-id': 'from-a-plugin' };
        },
      ],
    };
    await startWith({
      fetch: (request, next) => next({ ...request, ...source }),
      subscribe: (request, next) => next({ ...request, ...source }),
    });
    await bench.post({ query: '{ claim(id: "1") { id } }' });
    expect(bench.clinic.claims.received.map(({ requestId }) => requestId)).toEqual(['from-a-plugin']);
    const client = createClient({
      url: bench.router.wsUrl,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: await bench.tokens.issue() },
    });
    const events = client.iterate({ query: 'subscription { claimChanged(burst: 1) { id } }' });
    expect((await events.next()).value).toMatchObject({ data: { claimChanged: { id: '1' } } });
    await events.return?.();
    await client.dispose();
    expect(messages).toEqual([
      ['claims', ['query']],
      ['claims', ['query']],
    ]);
  });

  it('decides of each event and each client', async () => {
    const outcomes: OperationOutcome[] = [];
    await startWith({
      request: () => ({ settled: (outcome) => void outcomes.push(outcome) }),
      event: ({ text }, { operation, authentication }) => {
        if (text.includes('"3"')) throw new Refused();
        return !(
          text.includes('"2"') &&
          operation.type === OperationTypeNode.SUBSCRIPTION &&
          authentication.caller
        );
      },
    });
    const client = createClient({
      url: bench.router.wsUrl,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: await bench.tokens.issue() },
    });
    const received: unknown[] = [];
    for await (const result of client.iterate({ query: 'subscription { claimChanged(burst: 4) { id } }' }))
      received.push(result);
    expect(received).toMatchObject([
      { data: { claimChanged: { id: '1' } } },
      { errors: [{ extensions: { code: 'TEAPOT' } }] },
    ]);
    await until(() => outcomes.length > 0);
    expect(outcomes).toMatchObject([{ operation: { cost: 1 }, error: { code: 'TEAPOT' } }]);
    await client.dispose();
  });

  it('are told how it ended of a client that leaves while its subscription is prepared', async () => {
    const outcomes: OperationOutcome[] = [];
    let goOn: (() => void) | undefined;
    await startWith({
      request: () => ({ settled: (outcome) => void outcomes.push(outcome) }),
      plan: () =>
        new Promise((resolve) => {
          goOn = () => {
            resolve(undefined);
          };
        }),
    });
    const socket = new WebSocket(bench.router.wsUrl, 'graphql-transport-ws');
    await once(socket, 'open');
    const payload = { authorization: await bench.tokens.issue() };
    socket.send(JSON.stringify({ type: 'connection_init', payload }));
    await once(socket, 'message');
    socket.send(
      JSON.stringify({
        type: 'subscribe',
        id: 'one',
        payload: { query: 'subscription { claimChanged { id } }' },
      }),
    );
    await until(() => goOn !== undefined);
    socket.terminate();
    const gone = async (): Promise<boolean> =>
      /^medigraph_router_websockets 0$/m.test(await (await fetch(bench.at('/metrics'))).text());
    await until(gone);
    goOn?.();
    await until(() => outcomes.length > 0);
    expect(outcomes).toMatchObject([{ operation: { cost: 1 } }]);
    await until(() => bench.clinic.claimChanged.subscribers === 0);
  });

  it('withholds fields: they are asked of nobody, and are null with an error', async () => {
    const error = new GraphQLError('Not yours.', { extensions: { code: 'MINE' } });
    await startWith({
      plan: () => ({
        withheld: {
          key: 'amounts',
          field: (type, name) => (type === 'Claim' && name === 'amount' ? error : undefined),
          type: () => undefined,
        },
      }),
    });
    const { status, body } = await bench.post({ query: '{ claims(first: 2) { id sum: amount } }' });
    expect(status).toBe(200);
    expect(body).toEqual({
      data: {
        claims: [
          { id: '1', sum: null },
          { id: '2', sum: null },
        ],
      },
      errors: [{ message: 'Not yours.', path: ['claims', 0, 'sum'], extensions: { code: 'MINE' } }],
    });
    expect(bench.clinic.claims.received.at(-1)?.query).not.toContain('amount');
  });
});
