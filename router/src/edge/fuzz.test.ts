import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { WebSocket } from 'ws';
import { defaultRouterLimits } from '../router-limits.js';
import { documents, faultOf, fuzzing, fuzzTimeoutMs, requests } from '../testing/fuzzing.js';
import { TestBench, until } from '../testing/test-bench.js';

describe('the edges, whatever comes in', () => {
  let bench: TestBench;
  let authorization: string;

  beforeAll(async () => {
    const { http, webSocket } = defaultRouterLimits;
    bench = await TestBench.start({
      limits: {
        http: { ...http, maxBodyBytes: 20_000, maxCallerBodyBytes: 20_000 },
        webSocket: { ...webSocket, maxMessageBytes: 5_000, initTimeoutMs: 500 },
      },
    });
    authorization = await bench.tokens.issue();
  });
  // It serves on after everything.
  afterEach(async () => {
    const { status, body } = await bench.post({ query: '{ claim(id: "1") { id } }' });
    expect([status, body]).toEqual([200, { data: { claim: { id: '1' } } }]);
  });
  afterAll(() => bench.stop());

  const send = async (init: RequestInit, search = ''): Promise<unknown> => {
    const response = await fetch(`${bench.router.url}${search}`, {
      ...init,
      headers: { authorization, ...(init.headers as Record<string, string>) },
    });
    const text = await response.text();
    if (response.status >= 500) return `status ${response.status}: ${text}`;
    if (response.headers.get('content-type')?.startsWith('text/event-stream') === true) return undefined;
    return faultOf(JSON.parse(text));
  };

  it(
    'answers any JSON with a coded error, or with data',
    () =>
      fc.assert(
        fc.asyncProperty(requests, async (request) => {
          const headers = { 'content-type': 'application/json' };
          expect(await send({ method: 'POST', headers, body: JSON.stringify(request) })).toBeUndefined();
        }),
        fuzzing,
      ),
    fuzzTimeoutMs,
  );

  it(
    'answers any bytes of any media type',
    () => {
      const types = [
        'application/json',
        'multipart/form-data; boundary=x',
        'text/plain',
        'application/json; charset=x',
      ];
      const multipart =
        '--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query":"{a}"}\r\n--x';
      const bodies = fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.json().map((text) => Buffer.from(text.slice(0, -1))),
        fc.constantFrom(multipart, '{"query":', '\uFEFF{}', '[]', '"').map((text) => Buffer.from(text)),
        fc.integer({ min: 19_990, max: 20_010 }).map((length) => Buffer.alloc(length, 32)),
      );
      const accepts = [
        '*/*',
        'application/json',
        'text/event-stream',
        'image/png',
        ';;;',
        'a/b;q=x, */*;q=0',
      ];
      return fc.assert(
        fc.asyncProperty(
          bodies,
          fc.constantFrom(...types),
          fc.constantFrom(...accepts),
          async (body, type, accept) => {
            const headers = { 'content-type': type, accept };
            expect(await send({ method: 'POST', headers, body: Buffer.from(body) })).toBeUndefined();
          },
        ),
        fuzzing,
      );
    },
    fuzzTimeoutMs,
  );

  it(
    'answers any query string',
    () =>
      fc.assert(
        fc.asyncProperty(
          fc.dictionary(
            fc.constantFrom('query', 'variables', 'extensions', 'operationName', 'documentId'),
            fc.oneof(documents, fc.json(), fc.string()),
          ),
          async (parameters) => {
            const search = `?${new URLSearchParams(parameters).toString()}`;
            expect(await send({ headers: { accept: 'application/json' } }, search)).toBeUndefined();
          },
        ),
        fuzzing,
      ),
    fuzzTimeoutMs,
  );

  it(
    'answers or closes whatever a connection says',
    async () => {
      const { http } = defaultRouterLimits;
      const impatient = await TestBench.start({
        limits: { http: { ...http, headersTimeoutMs: 300, requestTimeoutMs: 400 } },
      });
      const { hostname, port } = new URL(impatient.router.url);
      const lines = fc.constantFrom(
        'POST /graphql HTTP/1.1',
        'GET /graphql/../x HTTP/1.1',
        'GET //[ HTTP/1.1',
        'Host: x',
        'Content-Length: 5',
        'Content-Length: -1',
        'Transfer-Encoding: chunked',
        'Expect: 100-continue',
        'Upgrade: websocket',
        'Connection: upgrade',
        'Sec-WebSocket-Key: x',
        '',
        'ffffffffff',
        '{"query":"{__typename}"}',
      );
      const said = fc.array(fc.oneof(lines, fc.string()), { maxLength: 12 }).map((all) => all.join('\r\n'));
      await fc.assert(
        fc.asyncProperty(said, fc.boolean(), async (text, halfClosed) => {
          const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
          socket.on('error', () => undefined).resume();
          await once(socket, 'connect');
          socket.write(text);
          if (halfClosed) socket.end();
          // Slow or silent ones are closed by its bounds.
          await Promise.race([once(socket, 'close'), once(socket, 'end')]);
          socket.destroy();
        }),
        { ...fuzzing, numRuns: Math.ceil((fuzzing.numRuns ?? 60) / 3) },
      );
      await impatient.stop();
    },
    fuzzTimeoutMs,
  );

  it(
    'answers or closes whatever comes over a WebSocket, and forgets it',
    () => {
      const ids = fc.constantFrom('1', '2', '', '__proto__');
      const message = fc.oneof(
        fc.record(
          {
            type: fc.constantFrom('connection_init', 'ping', 'pong', 'subscribe', 'complete', 'next', 'x'),
            id: fc.oneof(ids, fc.jsonValue()),
            payload: fc.oneof(requests, fc.record({ query: documents }), fc.jsonValue()),
          },
          { requiredKeys: [] },
        ),
        fc.jsonValue(),
      );
      const frame = fc.oneof(
        message.map((value) => JSON.stringify(value)),
        fc.string(),
        fc.uint8Array({ maxLength: 200 }),
        fc.constant('x'.repeat(6_000)),
      );
      return fc.assert(
        fc.asyncProperty(fc.array(frame, { maxLength: 10 }), fc.boolean(), async (frames, known) => {
          const socket = new WebSocket(bench.router.wsUrl, 'graphql-transport-ws');
          const received: string[] = [];
          const ended = new Promise<number>((resolve) => socket.on('close', resolve));
          socket.on('error', () => undefined);
          socket.on('message', (data: Buffer) => received.push(data.toString()));
          await once(socket, 'open');
          if (known) socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
          for (const one of frames) if (socket.readyState === WebSocket.OPEN) socket.send(one);
          if (known) socket.close(1000);
          const code = await ended;
          expect([1000, 1007, 1009, 4400, 4401, 4403, 4408, 4409, 4429]).toContain(code);
          expect(received.filter((text) => text.includes('INTERNAL_SERVER_ERROR'))).toEqual([]);
        }),
        fuzzing,
      );
    },
    fuzzTimeoutMs,
  );

  it('keeps nothing of them', async () => {
    await until(() => bench.clinic.claims.openSockets === 0);
    const metrics = await (await fetch(bench.at('/metrics'))).text();
    expect(metrics).toContain('medigraph_router_websockets 0');
  });
});
