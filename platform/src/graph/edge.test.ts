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
import { CallerCheck } from './caller-check.js';
import { Forbidden } from './errors.js';
import { ErrorFormatter } from './format-error.js';
import { HttpEndpoint } from './http-endpoint.js';
import { serveLive } from './live-endpoint.js';

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
  stopLive = serveLive({
    server,
    schema,
    errors,
    logger: silentLogger,
    bodyLimit,
    callers,
    createContext,
    startOf: ({ caller }) => `before ${caller.subject}`,
  });
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
