import { generateKeyPairSync } from 'node:crypto';
import {
  assertionHeader,
  assertionKeys,
  AssertionSigner,
  AssertionVerifier,
} from '@medigraph/platform/identity';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { TestBench } from '../testing/test-bench.js';

describe('assertions of the router', () => {
  let bench: TestBench;
  let signer: AssertionSigner;

  beforeEach(async () => {
    signer = await AssertionSigner.create(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
    bench = await TestBench.start({ assertions: signer });
  });
  afterEach(() => bench.stop());

  const verifierOf = async (subgraph: string): Promise<AssertionVerifier> => {
    const published: unknown = await (await fetch(bench.at('/.well-known/router-jwks.json'))).json();
    return new AssertionVerifier(subgraph, await assertionKeys(published));
  };

  it('go with every fetch, each for its subgraph and body, beside the token', async () => {
    const token = await bench.tokens.issue(300, { acr: 'urn:medigraph:acr:mfa' });
    await bench.postAs(token, { query: '{ claim(id: "1") { patient { name } } }' });
    for (const { name, received } of [bench.clinic.claims, bench.clinic.patients]) {
      const [request] = received;
      const assertion = String(request?.headers[assertionHeader]);
      const caller = (await verifierOf(name)).verify(assertion, request?.body ?? '');
      expect(caller).toMatchObject({ subject: 'hospital-a/dr-test', acr: 'urn:medigraph:acr:mfa' });
      expect(request?.authorization).toBe(token);
    }
  });

  it('are never the same twice', async () => {
    for (let count = 0; count < 2; count += 1) await bench.post({ query: '{ claim(id: "1") { id } }' });
    const [first, second] = bench.clinic.claims.received;
    expect(first?.body).toBe(second?.body);
    expect(first?.headers[assertionHeader]).not.toBe(second?.headers[assertionHeader]);
  });

  it('go with every subscription', async () => {
    const client = createClient({
      url: bench.router.wsUrl,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: await bench.tokens.issue() },
    });
    const events = client.iterate({
      query: 'subscription ($b: Int) { claimChanged(burst: $b) { id } }',
      variables: { b: 1 },
    });
    await events.next();
    await client.dispose();
    const { query, variables, operationName, extensions } = bench.clinic.claims.subscribed[0] ?? {};
    const { headers } = extensions as { headers: Record<string, string> };
    const body = JSON.stringify({ query, variables, operationName });
    const caller = (await verifierOf('claims')).verify(headers[assertionHeader] ?? '', body);
    expect(caller?.subject).toBe('hospital-a/dr-test');
  });
});
