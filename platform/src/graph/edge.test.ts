/** The edges of a subgraph, HTTP and WebSocket, as a client meets them. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import { buildSchema, GraphQLError, type GraphQLSchema } from 'graphql';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { type Caller, UnauthenticatedError } from '../identity/index.js';
import { silentLogger } from '../telemetry/index.js';
import { callerOf } from './bearer-token.js';
import { CallerCheck } from './caller-check.js';
import { Forbidden } from './errors.js';
import { ErrorFormatter } from './format-error.js';
import { HttpEndpoint } from './http-endpoint.js';
import { InProcessEndpoint } from './in-process-endpoint.js';
import { GraphStopped, StreamRefused } from './in-process-graph.js';
import { serveLive } from './live-endpoint.js';
import { LiveOperations } from './live-operations.js';

const bodyLimit = 2_000;
const callers: Readonly<Record<string, Caller>> = {
  good: callerUntil(Date.now() / 1000 + 600),
  old: callerUntil(Date.now() / 1000 - 1),
};

function callerUntil(expiresAt: number): Caller {
  return { subject: 'x', role: 'operator', mspId: 'X', scopes: new Set(), expiresAt };
}

const tokens = {
  verify: (token: string): Promise<Caller> => {
    const caller = callers[token];
    return caller
      ? Promise.resolve(caller)
      : Promise.reject(new UnauthenticatedError('signature', 'Forged.'));
  },
};

function schemaWithFailures(): GraphQLSchema {
  const schema = buildSchema(`
    type Query { who: String masked: Int refused: Int own: Int }
    type Subscription { counted: Int masked: Int }
  `);
  const query = schema.getQueryType()?.getFields();
  const subscription = schema.getSubscriptionType()?.getFields();
  const fail = (error: Error) => () => Promise.reject(error);
  if (!query || !subscription) throw new Error('no fields');
  Object.assign(query['who'] ?? {}, {
    resolve: (_: unknown, __: unknown, { caller }: { caller: Caller }) => caller.subject,
  });
  Object.assign(query['masked'] ?? {}, { resolve: fail(new Error('mongodb://admin:secret@host')) });
  Object.assign(query['refused'] ?? {}, { resolve: fail(new Forbidden('Not you.')) });
  Object.assign(query['own'] ?? {}, {
    resolve: fail(new GraphQLError('Own.', { extensions: { code: 'OWN' } })),
  });
  Object.assign(subscription['counted'] ?? {}, {
    subscribe: async function* () {
      await Promise.resolve();
      yield { counted: 1 };
      throw new Forbidden('No more.');
    },
  });
  Object.assign(subscription['masked'] ?? {}, { subscribe: fail(new Error('secret')) });
  return schema;
}

let server: Server;
let url: string;
let stopLive: () => Promise<void>;
let inProcess: InProcessEndpoint<{ caller: Caller }>;
let apollo: ApolloServer<{ caller: Caller }>;

beforeAll(async () => {
  const schema = schemaWithFailures();
  const errors = new ErrorFormatter(silentLogger);
  apollo = new ApolloServer({ schema, formatError: errors.format, includeStacktraceInErrorResponses: false });
  await apollo.start();
  const callers = new CallerCheck({ subgraph: 'edge', tokens });
  const createContext = (caller: Caller) => ({ caller });
  const readiness = () => Promise.resolve({ ledger: true, documents: false });
  const endpoint = new HttpEndpoint({ apollo, bodyLimit, callers, createContext, readiness });
  server = createServer(endpoint.listener);
  const live = new LiveOperations<{ caller: Caller }>({
    schema,
    errors,
    createContext,
    startOf: ({ caller }) => `before ${caller.subject}`,
  });
  stopLive = serveLive({ server, operations: live, logger: silentLogger, bodyLimit, callers });
  const authenticate = (authorization: unknown) => callerOf(authorization, tokens);
  inProcess = new InProcessEndpoint({ apollo, live, bodyLimit, authenticate, createContext });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await stopLive();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await apollo.stop();
});

interface Reply {
  readonly status: number;
  readonly codes: readonly string[];
  readonly text: string;
}

async function post(body: string, headers: Record<string, string> = {}): Promise<Reply> {
  const response = await fetch(`http://${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer good', ...headers },
    body,
  });
  const text = await response.text();
  const { errors = [] } = JSON.parse(text) as { errors?: { extensions: { code: string } }[] };
  return { status: response.status, codes: errors.map(({ extensions }) => extensions.code), text };
}
const query = (text: string): string => JSON.stringify({ query: text });

describe('HTTP', () => {
  test('a caller is who the token says', async () => {
    expect((await post(query('{ who }'))).text).toBe('{"data":{"who":"x"}}\n');
  });
  test.each([
    ['no token', ''],
    ['no bearer', 'Basic good'],
    ['a forged one', 'Bearer forged'],
    ['something else', 'Bearer a b'],
  ])('%s is refused', async (_what, authorization) => {
    expect(await post(query('{ who }'), { authorization })).toMatchObject({
      status: 401,
      codes: ['UNAUTHENTICATED'],
    });
  });
  test.each([
    ['not JSON', '{', 400, 'BAD_REQUEST'],
    ['too large', query(`{ who }${' '.repeat(bodyLimit)}`), 413, 'BODY_TOO_LARGE'],
    ['no GraphQL', query('{'), 400, 'GRAPHQL_PARSE_FAILED'],
    ['another field', query('{ other }'), 400, 'GRAPHQL_VALIDATION_FAILED'],
    ['refused', query('{ refused }'), 200, 'FORBIDDEN'],
    ['coded itself', query('{ own }'), 200, 'OWN'],
  ])('%s gets its code', async (_what, body, status, code) => {
    expect(await post(body)).toMatchObject({ status, codes: [code] });
  });
  test('what nobody coded is masked', async () => {
    const reply = await post(query('{ masked }'));
    expect(reply.codes).toEqual(['INTERNAL_ERROR']);
    expect(reply.text).not.toMatch(/secret|stack/);
  });
  test('health, readiness and what is not there', async () => {
    const statuses = ['/health', '/ready', '/other'].map(
      async (path) => (await fetch(`http://${url}${path}`)).status,
    );
    expect(await Promise.all(statuses)).toEqual([200, 503, 404]);
  });
});

describe('WebSocket', () => {
  const clientOf = (authorization?: string) =>
    createClient({
      url: `ws://${url}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization },
      retryAttempts: 0,
    });
  test('a connection without a token that holds is closed with 4403', async () => {
    for (const authorization of [undefined, 'Bearer forged']) {
      const events = clientOf(authorization).iterate({ query: 'subscription { counted }' });
      await expect(events.next()).rejects.toMatchObject({ code: 4403 });
    }
  });
  test('an expired token subscribes to nothing', async () => {
    const events = clientOf('Bearer old').iterate({ query: 'subscription { counted }' });
    await expect(events.next()).rejects.toMatchObject([{ extensions: { code: 'TOKEN_EXPIRED' } }]);
  });
  test('a stream that ends by an error says its code', async () => {
    const events = clientOf('Bearer good').iterate({ query: 'subscription { counted }' });
    expect(await events.next()).toMatchObject({ value: { data: { counted: 1 } } });
    await expect(events.next()).rejects.toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });
  test('a subscriber that asks for it is told where the stream begins, before anything happens', async () => {
    const events = clientOf('Bearer good').iterate({
      query: 'subscription { counted }',
      extensions: { cursor: true },
    });
    expect(await events.next()).toEqual({ done: false, value: { extensions: { cursor: 'before x' } } });
    expect(await events.next()).toMatchObject({ value: { data: { counted: 1 } } });
    await events.return?.();
  });
  test.each([
    ['subscription { masked }', 'INTERNAL_ERROR'],
    ['subscription { other }', 'GRAPHQL_VALIDATION_FAILED'],
    ['subscription {', 'GRAPHQL_PARSE_FAILED'],
  ])('%s gets its code', async (text, code) => {
    const events = clientOf('Bearer good').iterate({ query: text });
    const failure = await events.next().then(
      ({ value }) => (value as { errors: unknown }).errors,
      (error: unknown) => error,
    );
    expect(failure).toMatchObject([{ extensions: { code } }]);
    expect(JSON.stringify(failure)).not.toContain('secret');
  });
});

describe('In process', () => {
  const request = (text: string, authorization = 'Bearer good') => ({ query: text, authorization });
  const withoutIds = (text: string): unknown =>
    JSON.parse(text.replaceAll(/[\da-f]{8}-[\da-f-]{27}/g, 'ID')) as unknown;

  test.each([
    '{ who }',
    '{ refused who }',
    '{ own }',
    '{ masked }',
    '{ other }',
    '{',
    `{ who }${' '.repeat(bodyLimit)}`,
  ])('%.20s is answered as over HTTP', async (text) => {
    const [near, far] = await Promise.all([inProcess.execute(request(text)), post(query(text))]);
    expect(withoutIds(JSON.stringify(near))).toEqual(withoutIds(far.text));
  });
  test.each(['', 'Basic good', 'Bearer forged'])('"%s" opens nothing', async (authorization) => {
    const far = await post(query('{ who }'), { authorization });
    const near = await inProcess.execute(request('{ who }', authorization));
    expect(near).toEqual(JSON.parse(far.text));
    await expect(
      inProcess.subscribe(request('subscription { counted }', authorization)).next(),
    ).rejects.toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  });
  test('a stream says where it begins, and how it ends', async () => {
    const events = inProcess.subscribe(request('subscription { counted }'));
    expect(await events.next()).toEqual({ done: false, value: { extensions: { cursor: 'before x' } } });
    expect(await events.next()).toEqual({ done: false, value: { data: { counted: 1 } } });
    await expect(events.next()).rejects.toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  });
  test.each([
    ['subscription { masked }', 'Bearer good', 'INTERNAL_ERROR'],
    ['subscription { other }', 'Bearer good', 'GRAPHQL_VALIDATION_FAILED'],
    ['subscription {', 'Bearer good', 'GRAPHQL_PARSE_FAILED'],
    ['subscription { counted }', 'Bearer old', 'TOKEN_EXPIRED'],
  ])('%s of %s is refused with its code', async (text, authorization, code) => {
    const refused = inProcess.subscribe(request(text, authorization)).next();
    await expect(refused).rejects.toBeInstanceOf(StreamRefused);
    await expect(refused).rejects.toMatchObject({ errors: [{ extensions: { code } }] });
    await expect(refused).rejects.not.toThrow('secret');
  });
  test('a graph that has stopped answers nothing and breaks off what is open', async () => {
    const live = new LiveOperations<{ caller: Caller }>({
      schema: schemaWithFailures(),
      errors: new ErrorFormatter(silentLogger),
      createContext: (caller) => ({ caller }),
      startOf: () => undefined,
    });
    const stopping = new InProcessEndpoint<{ caller: Caller }>({
      apollo,
      live,
      bodyLimit,
      authenticate: (authorization) => callerOf(authorization, tokens),
      createContext: (caller) => ({ caller }),
    });
    const events = stopping.subscribe(request('subscription { counted }'));
    expect(await events.next()).toMatchObject({ value: { data: { counted: 1 } } });
    await stopping.stop();
    await expect(events.next()).rejects.toBeInstanceOf(GraphStopped);
    await expect(stopping.execute(request('{ who }'))).rejects.toBeInstanceOf(GraphStopped);
    await expect(stopping.subscribe(request('subscription { counted }')).next()).rejects.toBeInstanceOf(
      GraphStopped,
    );
  });
});
