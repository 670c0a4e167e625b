import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { getIntrospectionQuery } from 'graphql';
import { serverAudits } from 'graphql-http';
import { defaultRouterLimits } from '../router-limits.js';
import { codesOf, TestBench } from '../testing/test-bench.js';

const { http } = defaultRouterLimits;

describe('GraphQL over HTTP', () => {
  let bench: TestBench;

  beforeAll(async () => {
    bench = await TestBench.start({
      corsOrigins: ['https://portal.example'],
      limits: {
        http: {
          ...http,
          maxBodyBytes: 10_000,
          maxCallerBodyBytes: 20_000,
          headersTimeoutMs: 500,
          requestTimeoutMs: 700,
        },
      },
    });
  });
  afterAll(() => bench.stop());

  describe('conforms to the specification', () => {
    for (const audit of serverAudits({ url: () => bench.router.url })) {
      it(`${audit.id} ${audit.name}`, async () => {
        const result = await audit.fn();
        expect({ ...result, response: undefined }).toMatchObject({ status: 'ok' });
      });
    }
  });

  it('answers a query over three subgraphs', async () => {
    const { status, headers, body } = await bench.post({
      query: 'query Q($id: ID!) { claim(id: $id) { patient { name home { name } } } }',
      variables: { id: '1' },
    });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/graphql-response+json; charset=utf-8');
    expect(headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
    expect(body).toEqual({
      data: { claim: { patient: { name: 'Patient p1', home: { name: 'Hospital i1' } } } },
    });
  });

  it('forwards the token and the request id to the subgraphs', async () => {
    const authorization = await bench.tokens.issue();
    await bench.postAs(
      authorization,
      { query: '{ patient(id: "p1") { name } }' },
      { 'x-request-id': 'mine-1' },
    );
    expect(bench.clinic.patients.received.at(-1)).toMatchObject({ authorization, requestId: 'mine-1' });
  });

  it('shows coded errors of subgraphs and hides what they did not foresee', async () => {
    const { body } = await bench.post({ query: '{ patient(id: "p1") { secret crash name } }' });
    expect(body.data).toEqual({ patient: { secret: null, crash: null, name: 'Patient p1' } });
    expect(body.errors).toEqual([
      { message: 'Not for you.', path: ['patient', 'secret'], extensions: { code: 'FORBIDDEN' } },
      {
        message: 'The request could not be completed.',
        path: ['patient', 'crash'],
        extensions: { code: 'INTERNAL_SERVER_ERROR' },
      },
    ]);
  });

  it('takes queries by GET and refuses mutations', async () => {
    const get = async (query: string) =>
      fetch(`${bench.router.url}?query=${encodeURIComponent(query)}`, {
        headers: { authorization: await bench.tokens.issue() },
      });
    expect(await (await get('{ claim(id: "1") { id } }')).json()).toEqual({ data: { claim: { id: '1' } } });
    const refused = await get('mutation { submitClaim(id: "1") { id } }');
    expect(refused.status).toBe(405);
    expect(refused.headers.get('allow')).toBe('POST');
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'METHOD_NOT_ALLOWED' } }] });
  });

  describe('authentication', () => {
    it('lets anonymous clients see what the graph is, no more', async () => {
      const schema = await bench.postAs(undefined, { query: getIntrospectionQuery() });
      expect(schema.status).toBe(200);
      expect(schema.body.errors).toBeUndefined();
      const refused = await bench.postAs(undefined, { query: '{ __typename claims { id } }' });
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer/);
      expect(codesOf(refused.body)).toEqual(['UNAUTHENTICATED']);
    });

    it.each([
      ['no bearer', 'Basic YTpi', 'UNAUTHENTICATED'],
      ['no token', 'Bearer', 'UNAUTHENTICATED'],
      ['nonsense', 'Bearer nonsense', 'UNAUTHENTICATED'],
    ])('refuses %s, even for the schema', async (_name, authorization, code) => {
      const { status, body } = await bench.postAs(authorization, { query: '{ __typename }' });
      expect([status, codesOf(body)]).toEqual([401, [code]]);
    });

    it('refuses a token whose payload was changed, or whose signature is gone', async () => {
      const [header = '', payload = '', signature = ''] = (await bench.tokens.issue()).split('.');
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
      const forged = Buffer.from(JSON.stringify({ ...claims, role: 'regulator' })).toString('base64url');
      const none = `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}`;
      for (const token of [`${header}.${forged}.${signature}`, `${none}.${payload}.`]) {
        const { status, body } = await bench.postAs(token, { query: '{ claims { id } }' });
        expect([status, codesOf(body)]).toEqual([401, ['UNAUTHENTICATED']]);
      }
    });

    it('says when a token has expired', async () => {
      const { status, body } = await bench.postAs(await bench.tokens.issue(-10), {
        query: '{ claims { id } }',
      });
      expect([status, codesOf(body)]).toEqual([401, ['TOKEN_EXPIRED']]);
    });
  });

  describe('bad input', () => {
    it.each([
      ['malformed JSON', '{"query": ', {}, 400, 'MALFORMED_REQUEST'],
      ['no JSON object', '"{ __typename }"', {}, 400, 'MALFORMED_REQUEST'],
      ['a batch', '[{"query":"{ __typename }"}]', {}, 400, 'BATCHING_NOT_SUPPORTED'],
      [
        'another media type',
        'query=x',
        { 'content-type': 'application/x-www-form-urlencoded' },
        415,
        'UNSUPPORTED_MEDIA_TYPE',
      ],
      [
        'another charset',
        '{}',
        { 'content-type': 'application/json; charset=latin1' },
        415,
        'UNSUPPORTED_MEDIA_TYPE',
      ],
      ['a compressed body', '{}', { 'content-encoding': 'gzip' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
      ['an unacceptable answer', '{}', { accept: 'image/png' }, 406, 'NOT_ACCEPTABLE'],
      ['a foreign origin', '{}', { origin: 'https://evil.example' }, 403, 'ORIGIN_NOT_ALLOWED'],
      ['a body too large', JSON.stringify({ query: ' '.repeat(20_000) }), {}, 413, 'BODY_TOO_LARGE'],
      ['no query', '{}', {}, 400, 'MALFORMED_REQUEST'],
      ['bad syntax', '{"query":"{ a "}', {}, 400, 'GRAPHQL_PARSE_FAILED'],
      ['an unknown field', '{"query":"{ nothing }"}', {}, 400, 'GRAPHQL_VALIDATION_FAILED'],
      [
        'an unknown operation',
        '{"query":"{ __typename }","operationName":"X"}',
        {},
        400,
        'OPERATION_RESOLUTION_FAILURE',
      ],
      ['an internal field', '{"query":"{ claim(id: 1) { inner } }"}', {}, 400, 'GRAPHQL_VALIDATION_FAILED'],
      [
        'a wrong variable',
        '{"query":"query($n: Int!) { claims(first: $n) { id } }","variables":{"n":"x"}}',
        {},
        400,
        'BAD_USER_INPUT',
      ],
      [
        'circular fragments',
        '{"query":"{ claims { ...A } } fragment A on Claim { ...B } fragment B on Claim { ...A }"}',
        {},
        400,
        'GRAPHQL_VALIDATION_FAILED',
      ],
      [
        'a subscription without a stream',
        '{"query":"subscription { claimChanged { id } }"}',
        {},
        406,
        'NOT_ACCEPTABLE',
      ],
    ])('refuses %s', async (_name, body, headers, status, code) => {
      const answer = await bench.post(body, headers);
      expect([answer.status, [...new Set(codesOf(answer.body))]]).toEqual([status, [code]]);
      expect(answer.body).not.toHaveProperty('data');
    });

    it('takes more of a caller who is known, and not without end', async () => {
      const query = '{ claim(id: "1") { id } }';
      const send = async (bytes: number, headers: Record<string, string> = {}) => {
        const body = JSON.stringify({ query }).padEnd(bytes);
        const type = { 'content-type': 'application/json' };
        return (await fetch(bench.router.url, { method: 'POST', headers: { ...type, ...headers }, body }))
          .status;
      };
      const known = { authorization: await bench.tokens.issue() };
      expect([await send(15_000), await send(15_000, known), await send(21_000, known)]).toEqual([
        413, 200, 413,
      ]);
    });

    it('counts a body that comes in pieces and never says how long it is', async () => {
      const status = await new Promise((resolve, reject) => {
        const request = httpRequest(bench.router.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
        });
        request.on('response', (response) => {
          resolve(response.statusCode);
          request.destroy();
        });
        request.on('error', reject);
        for (let piece = 0; piece < 4; piece += 1) request.write(' '.repeat(5_000));
      });
      expect(status).toBe(413);
    });

    it('closes on a client that dawdles over its header or body', async () => {
      const { hostname, port } = new URL(bench.router.url);
      const starts = [
        'POST /graphql HTTP/1.1\r\nHost: x\r\n',
        'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
      ];
      for (const start of starts) {
        const answer = await new Promise<string>((resolve, reject) => {
          let text = '';
          const socket = connect(Number(port), hostname, () => socket.write(start));
          socket.on('data', (chunk) => (text += chunk.toString()));
          socket.on('close', () => resolve(text));
          socket.on('error', reject);
        });
        expect(answer).toMatch(/^HTTP\/1.1 408/);
      }
    });

    it('answers other paths and methods with a code', async () => {
      const nothing = await fetch(bench.at('/nothing'));
      expect([nothing.status, await nothing.json()]).toMatchObject([
        404,
        { errors: [{ extensions: { code: 'NOT_FOUND' } }] },
      ]);
      const put = await fetch(bench.router.url, { method: 'PUT', body: '{}' });
      expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, POST']);
      expect((await fetch(bench.at('/health'), { method: 'POST' })).status).toBe(405);
    });
  });

  describe('browsers', () => {
    it('get GraphiQL in one page that loads nothing', async () => {
      const response = await fetch(bench.router.url, { headers: { accept: 'text/html,*/*;q=0.8' } });
      expect(response.headers.get('content-type')).toMatch(/^text\/html/);
      const page = await response.text();
      expect(page).toContain('"endpoint":"/graphql"');
      expect(page).not.toMatch(/<(script|link)[^>]+(src|href)="https?:/);
    });

    it('of allowed origins may use the graph', async () => {
      const origin = 'https://portal.example';
      const preflight = await fetch(bench.router.url, { method: 'OPTIONS', headers: { origin } });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get('access-control-allow-origin')).toBe(origin);
      expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
      const answer = await bench.post({ query: '{ __typename }' }, { origin });
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    });

    it('of other origins get no leave, nor embed the address', async () => {
      const preflight = await fetch(bench.router.url, {
        method: 'OPTIONS',
        headers: { origin: 'https://evil.example' },
      });
      expect(preflight.headers.has('access-control-allow-origin')).toBe(false);
      const { hostname, port } = new URL(bench.router.url);
      const status = await new Promise((resolve) => {
        httpRequest(
          {
            hostname,
            port,
            path: '/graphql?query=%7B__typename%7D',
            headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
          },
          (response) => resolve(response.resume().statusCode),
        ).end();
      });
      expect(status).toBe(403);
    });
  });
});
