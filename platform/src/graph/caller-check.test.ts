/** What a subgraph demands of those who come, over HTTP and WebSocket. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ApolloServer } from '@apollo/server';
import { buildSchema } from 'graphql';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import {
  assertedPage,
  assertionHeader,
  assertionKeys,
  AssertionSigner,
  UnauthenticatedError,
  type Caller,
} from '../identity/index.js';
import { silentLogger } from '../telemetry/index.js';
import { CallerCheck, type CallerProof } from './caller-check.js';
import { ErrorFormatter } from './format-error.js';
import { HttpEndpoint, type HttpPages } from './http-endpoint.js';
import { serveLive } from './live-endpoint.js';
import { LiveOperations } from './live-operations.js';

const caller = (subject: string): Caller => ({
  subject,
  role: 'operator',
  mspId: 'XMSP',
  scopes: new Set(),
  expiresAt: Math.floor(Date.now() / 1000) + 600,
});
const tokens = {
  verify: (token: string): Promise<Caller> =>
    token === 'ann' || token === 'ben'
      ? Promise.resolve(caller(token))
      : Promise.reject(new UnauthenticatedError('signature', 'Forged.')),
};
const signer = await AssertionSigner.create(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
const stranger = await AssertionSigner.create(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
const routerKeys: ReadonlyMap<string, KeyObject> = await assertionKeys(signer.jwks);
const body = JSON.stringify({ query: '{ who }' });

let server: Server;
let stop: () => Promise<void>;
let url: string;

async function serve(proof: CallerProof, keys = routerKeys): Promise<void> {
  const schema = buildSchema('type Query { who: String } type Subscription { who: String }');
  const errors = new ErrorFormatter(silentLogger);
  const who = (_: unknown, __: unknown, context: { caller: Caller }) => context.caller.subject;
  Object.assign(schema.getQueryType()?.getFields()['who'] ?? {}, { resolve: who });
  Object.assign(schema.getSubscriptionType()?.getFields()['who'] ?? {}, {
    subscribe: async function* () {
      yield await Promise.resolve({});
    },
    resolve: who,
  });
  const apollo = new ApolloServer<{ caller: Caller }>({ schema, formatError: errors.format });
  await apollo.start();
  const createContext = (named: Caller) => ({ caller: named });
  const common = {
    callers: new CallerCheck({ subgraph: 'edge', tokens, routerKeys: keys, proof }),
    bodyLimit: 2_000,
  };
  const readiness = () => Promise.resolve({});
  const pages: HttpPages<{ caller: Caller }> = {
    paths: ['/files/'],
    serve: (_request, response, _url, context) =>
      Promise.resolve(void response.end(JSON.stringify({ data: { who: context.caller.subject } }))),
  };
  server = createServer(new HttpEndpoint({ ...common, apollo, createContext, readiness, pages }).listener);
  const operations = new LiveOperations({ schema, errors, createContext, startOf: () => undefined });
  const stopLive = serveLive({ ...common, server, operations, logger: silentLogger });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  stop = async () => {
    await stopLive();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await apollo.stop();
  };
}
afterEach(() => stop());

/** Who the subgraph takes the caller for, or the code of its refusal. */
async function ask(
  token: string | undefined,
  assertion: string | undefined,
  method = 'POST',
): Promise<unknown> {
  const target = method === 'GET' ? `http://${url}?query={who}` : `http://${url}`;
  const response = await fetch(target, {
    method,
    headers: {
      'content-type': 'application/json',
      'apollo-require-preflight': 'yes',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(assertion !== undefined && { [assertionHeader]: assertion }),
    },
    body: method === 'GET' ? undefined : body,
  });
  const answer = (await response.json()) as {
    data?: { who: string };
    errors?: { extensions: { code: string } }[];
  };
  return answer.errors ? `${response.status} ${answer.errors[0]?.extensions.code}` : answer.data?.who;
}

const of = (name: string | undefined, by = signer, subgraph = 'edge', about = body): string =>
  by.sign(name === undefined ? undefined : caller(name), { subgraph, body: about });
const no = '401 UNAUTHENTICATED';

describe.each([
  ['token', { token: 'ann', assertion: no, both: 'ann', ofOthers: no, get: 'ann' }],
  ['assertion', { token: no, assertion: 'ann', both: 'ann', ofOthers: no, get: no }],
  ['both', { token: no, assertion: no, both: 'ann', ofOthers: no, get: no }],
] as const)('a subgraph that needs %s', (proof, answers) => {
  test('takes what it needs', async () => {
    await serve(proof);
    expect(await ask('ann', undefined)).toBe(answers.token);
    expect(await ask(undefined, of('ann'))).toBe(answers.assertion);
    expect(await ask('ann', of('ann'))).toBe(answers.both);
    expect(await ask('ben', of('ann'))).toBe(answers.ofOthers);
    expect(await ask('ann', undefined, 'GET')).toBe(answers.get);
    expect(await ask('forged', of('ann'))).toBe(no);
    expect(await ask(undefined, undefined)).toBe(no);
  });

  test('refuses an assertion that is not for this request', async () => {
    await serve(proof);
    const used = of('ann');
    expect(await ask('ann', used)).toBe('ann');
    expect(await ask('ann', used)).toBe(no);
    expect(await ask('ann', of('ann', stranger))).toBe(no);
    expect(await ask('ann', of('ann', signer, 'other'))).toBe(no);
    expect(await ask('ann', of('ann', signer, 'edge', `${body} `))).toBe(no);
    expect(await ask('ann', of(undefined))).toBe(no);
    expect(await ask('ann', 'garbage')).toBe(no);
  });
});

test.each(['assertion', 'both'] as const)(
  'a page that needs %s is bound to method, path and query',
  async (proof) => {
    await serve(proof);
    const get = async (assertion: string | undefined, method = 'GET') => {
      const response = await fetch(`http://${url.replace('/graphql', '/files/a%20b?part=1')}`, {
        method,
        headers: {
          authorization: 'Bearer ann',
          ...(assertion !== undefined && { [assertionHeader]: assertion }),
        },
        ...(method === 'PATCH' && { body: 'bytes' }),
      });
      return response.ok ? ((await response.json()) as { data: { who: string } }).data.who : response.status;
    };
    const about = (method: string, target: string, name = 'ann', by = signer, subgraph = 'edge') =>
      of(name, by, subgraph, assertedPage(method, target));
    const target = '/files/a%20b?part=1';
    const used = about('GET', target);
    expect(await get(used)).toBe('ann');
    expect(await get(used)).toBe(401);
    expect(await get(about('PATCH', target), 'PATCH')).toBe('ann');
    expect(await get(undefined)).toBe(401);
    expect(await get(about('GET', target), 'PATCH')).toBe(401);
    expect(await get(about('GET', '/files/other?part=1'))).toBe(401);
    expect(await get(about('GET', '/files/a%20b?part=2'))).toBe(401);
    expect(await get(about('GET', '/files/a%20b'))).toBe(401);
    expect(await get(about('GET', target, 'ben'))).toBe(401);
    expect(await get(about('GET', target, 'ann', stranger))).toBe(401);
    expect(await get(about('GET', target, 'ann', signer, 'other'))).toBe(401);
    expect(await get(of('ann'))).toBe(401);
    expect(await ask('ann', about('GET', target))).toBe(no);
  },
);

test('a subgraph that demands assertions does not start without keys', async () => {
  await serve('token', new Map());
  expect(() => new CallerCheck({ subgraph: 'edge', tokens, proof: 'both' })).toThrow('knows no router');
  // Nothing to verify with: what comes is left aside, and the token decides.
  expect(await ask('ann', 'garbage')).toBe('ann');
});

test.each([
  ['of the caller', { who: 'ann' }, of],
  ['of another', undefined, (name: string) => of(`not ${name}`)],
  ['of another request', undefined, (name: string) => of(name, signer, 'edge', '{}')],
  ['missing', undefined, () => undefined],
])('over WebSocket, with an assertion %s', async (_what, data, assertion) => {
  await serve('both');
  const client = createClient({
    url: `ws://${url}`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: 'Bearer ann' },
  });
  const query = 'subscription { who }';
  const payload = { query, variables: { b: 1, a: [1e21, 'x'] } };
  const headers = {
    [assertionHeader]: (assertion as (name: string, ...rest: unknown[]) => string | undefined)(
      'ann',
      signer,
      'edge',
      JSON.stringify(payload),
    ),
  };
  const events = client.iterate({ ...payload, extensions: { headers } });
  if (data) expect((await events.next()).value).toEqual({ data });
  else await expect(events.next()).rejects.toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  await client.dispose();
});
