import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadRouterConfiguration } from './configuration.js';

describe('the configuration of a router', () => {
  let folder: string;
  let environment: Readonly<Record<string, string>>;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'router-configuration-'));
    const file = async (name: string, content: string): Promise<string> => {
      await writeFile(path.join(folder, name), content);
      return path.join(folder, name);
    };
    const pem = (namedCurve: string) =>
      generateKeyPairSync('ec', { namedCurve })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString();
    environment = {
      MEDIGRAPH_SUPERGRAPH: await file('supergraph.graphql', 'type Query { a: Int }'),
      MEDIGRAPH_SUBGRAPHS: '{"claims":{"url":"http://127.0.0.1:1/graphql"}}',
      MEDIGRAPH_JWKS_URI: 'http://127.0.0.1:1/jwks.json',
    };
    await file('key.pem', pem('P-256'));
    await file('other.pem', pem('P-384'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const load = (variables: Readonly<Record<string, string>> = {}) =>
    loadRouterConfiguration({ ...environment, ...variables });

  it('says how callers are protected from each other, and the graph from callers', async () => {
    const { limits, assertions, ...rest } = await load({
      MEDIGRAPH_UNAUTHORIZED: 'refuse',
      MEDIGRAPH_ANONYMOUS: 'true',
      MEDIGRAPH_STEP_UP_MAX_AGE: '60',
      MEDIGRAPH_ASSERTION_KEY: path.join(folder, 'key.pem'),
      MEDIGRAPH_TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8',
      MEDIGRAPH_RATE_OPERATIONS: '100/10',
      MEDIGRAPH_RATE_FIELDS: '{"Mutation.grantAccess":"10/60"}',
      MEDIGRAPH_BREAKER_RATIO: '0',
    });
    expect(limits).toMatchObject({
      rates: {
        operations: { amount: 100, perSeconds: 10 },
        anonymous: { amount: 600, perSeconds: 60 },
        fields: { 'Mutation.grantAccess': { amount: 10, perSeconds: 60 } },
      },
      breakers: { failureRatio: 0 },
    });
    expect(rest).toMatchObject({
      unauthorized: 'refuse',
      anonymous: true,
      stepUpMaxAgeSeconds: 60,
      trustedProxies: ['127.0.0.1', '10.0.0.0/8'],
    });
    expect(assertions?.jwks.keys).toMatchObject([{ kty: 'EC', crv: 'P-256', alg: 'ES256' }]);
    expect(JSON.stringify(assertions?.jwks)).not.toContain('"d"');
  });

  it('limits nobody but clients without a token, unless told to', async () => {
    const { limits, assertions, anonymous } = await load({ MEDIGRAPH_RATE_COST: '' });
    expect(limits.rates).toEqual({ anonymous: { amount: 600, perSeconds: 60 }, maxClients: 100_000 });
    expect([assertions, anonymous]).toEqual([undefined, undefined]);
  });

  it.each([
    ['MEDIGRAPH_RATE_OPERATIONS', '100'],
    ['MEDIGRAPH_RATE_COST', '0/10'],
    ['MEDIGRAPH_RATE_ANONYMOUS', '1/0'],
    ['MEDIGRAPH_RATE_FIELDS', '{"grantAccess":"1/1"}'],
    ['MEDIGRAPH_RATE_FIELDS', 'Mutation.grantAccess=1/1'],
    ['MEDIGRAPH_TRUSTED_PROXIES', 'proxy.example.org'],
    ['MEDIGRAPH_STEP_UP_MAX_AGE', '0'],
    ['MEDIGRAPH_UNAUTHORIZED', 'ignore'],
    ['MEDIGRAPH_BREAKER_RATIO', '2'],
    ['MEDIGRAPH_ASSERTION_KEY', '/nowhere/key.pem'],
  ])('names %s where it is %s', async (variable, value) => {
    await expect(load({ [variable]: value })).rejects.toThrow(variable);
  });

  it('takes no other key to sign with', async () => {
    const key = path.join(folder, 'other.pem');
    await expect(load({ MEDIGRAPH_ASSERTION_KEY: key })).rejects.toThrow('MEDIGRAPH_ASSERTION_KEY: ');
  });
});
