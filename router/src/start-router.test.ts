import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type ExecutionResult } from 'graphql';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { TrustedDocuments } from './operations/persisted-operations.js';
import { defaultRouterLimits } from './router-limits.js';
import { codesOf, TestBench, until } from './testing/test-bench.js';

const changes = 'subscription { claimChanged { id } }';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('a running router', () => {
  let bench: TestBench;

  beforeEach(async () => {
    bench = await TestBench.start({
      limits: {
        operationTimeoutMs: 1_500,
        subgraphs: { ...defaultRouterLimits.subgraphs, timeoutMs: 800, maxResponseBytes: 20_000 },
      },
    });
  });
  afterEach(() => bench.stop());

  const status = async (at: string): Promise<number> => (await fetch(bench.at(at))).status;

  it('says whether it lives, is ready, and what it counts', async () => {
    expect([await status('/health'), await status('/ready')]).toEqual([200, 200]);
    await bench.post({ query: '{ claim(id: "1") { id } }' });
    await bench.post({ query: '{ nothing }' });
    const metrics = await (await fetch(bench.at('/metrics'))).text();
    expect(metrics).toContain(
      'medigraph_router_operation_seconds_count{type="query",transport="http",code="OK"} 1',
    );
    expect(metrics).toContain('medigraph_router_refusals_total{code="GRAPHQL_VALIDATION_FAILED"} 1');
  });

  it('gives the rest of an answer while a subgraph is down, and the whole once it is back', async () => {
    const query = '{ claim(id: "1") { id patient { id home { name } } } }';
    await bench.post({ query });
    await bench.clinic.institutions.stop();
    const partial = await bench.post({ query });
    expect(partial.body.data).toEqual({ claim: { id: '1', patient: { id: 'p1', home: null } } });
    expect(new Set(codesOf(partial.body))).toEqual(new Set(['SUBGRAPH_UNAVAILABLE']));
    expect(JSON.stringify(partial.body)).not.toMatch(/ECONN|127\.0\.0\.1/);
    await until(async () => (await status('/ready')) === 503);
    await bench.clinic.institutions.start();
    expect((await bench.post({ query })).body.errors).toBeUndefined();
    await until(async () => (await status('/ready')) === 200);
  });

  it('bounds the time and the size of what subgraphs answer', async () => {
    const slow = await bench.post({ query: '{ slow(milliseconds: 3000) }' });
    expect([slow.status, codesOf(slow.body)]).toEqual([200, ['SUBGRAPH_TIMEOUT']]);
    const large = await bench.post({ query: '{ claims(first: 1000) { id status amount } }' });
    expect(codesOf(large.body)).toContain('SUBGRAPH_BAD_RESPONSE');
  });

  it('survives subgraphs that answer nonsense', async () => {
    const answers = ['<html>busy</html>', '"text"', '{}', '{"data":"x"}', ''];
    const nonsense = createServer((_request, response) => response.end(answers.shift()));
    nonsense.listen(0, '127.0.0.1');
    await once(nonsense, 'listening');
    const url = `http://127.0.0.1:${(nonsense.address() as AddressInfo).port}/`;
    await bench.router.graph.change(bench.clinic.supergraph, {
      ...bench.clinic.endpoints,
      patients: { url },
    });
    while (answers.length > 0) {
      const { body } = await bench.post({ query: '{ patient(id: "p1") { name } claim(id: "1") { id } }' });
      expect(body.data).toEqual({ patient: null, claim: { id: '1' } });
      expect(codesOf(body)).toEqual(['SUBGRAPH_BAD_RESPONSE']);
    }
    nonsense.close();
  });

  it('swaps its supergraph and refuses a bad one', async () => {
    const without = bench.clinic.supergraph.replace(/\n\s*beds: Int/, '');
    await bench.router.graph.change(without, bench.clinic.endpoints);
    expect(codesOf((await bench.post({ query: '{ institution(id: "i1") { beds } }' })).body)).toEqual([
      'GRAPHQL_VALIDATION_FAILED',
    ]);
    await expect(bench.router.graph.change('type Query { a: Int }', {})).rejects.toThrow('no supergraph');
    await expect(bench.router.graph.change(bench.clinic.supergraph, {})).rejects.toThrow('No address');
    expect((await bench.post({ query: '{ institution(id: "i1") { name } }' })).body.errors).toBeUndefined();
  });

  it('drains: queries finish, subscribers are sent elsewhere, nothing new begins', async () => {
    const authorization = await bench.tokens.issue();
    const closes: unknown[] = [];
    const client = createClient({
      url: bench.router.wsUrl,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization },
      on: { closed: (event) => closes.push(event) },
    });
    const iterator = client.iterate({ query: changes });
    const events = iterator.next();
    const stream = await fetch(bench.at('/graphql/stream'), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({ query: changes }),
    });
    const running = bench.post({ query: '{ slow(milliseconds: 400) }' });
    await until(() => bench.clinic.claimChanged.subscribers === 2);
    await until(() => bench.clinic.patients.received.some(({ query }) => query.includes('slow')));
    const started = Date.now();
    const closed = bench.router.close(5_000);
    expect(codesOf(((await events) as IteratorYieldResult<ExecutionResult>).value)).toEqual([
      'SHUTTING_DOWN',
    ]);
    await expect(iterator.next()).rejects.toMatchObject({ code: 1012, reason: 'SHUTTING_DOWN' });
    const text = await stream.text();
    expect(text).toContain('SHUTTING_DOWN');
    expect(text).not.toContain('event: complete');
    expect((await running).body).toEqual({ data: { slow: 'at last' } });
    await closed;
    expect(Date.now() - started).toBeLessThan(3_000);
    await expect(fetch(bench.at('/ready'))).rejects.toThrow();
    expect(closes).toHaveLength(1);
    await client.dispose();
  });

  it('cuts what is still open at the deadline', async () => {
    const cut = expect(bench.post({ query: '{ slow(milliseconds: 60000) }' })).rejects.toThrow();
    await until(() => bench.clinic.patients.received.some(({ query }) => query.includes('slow')));
    const started = Date.now();
    await bench.router.close(100);
    await cut;
    expect(Date.now() - started).toBeLessThan(1_500);
  });
});

describe('persisted operations', () => {
  const query = '{ claim(id: "1") { id } }';
  const persistedQuery = { version: 1, sha256Hash: sha256(query) };

  it('are learnt from clients, as Apollo does it', async () => {
    const bench = await TestBench.start();
    const unknown = await bench.post({ extensions: { persistedQuery } });
    expect([unknown.status, unknown.body.errors?.[0]]).toMatchObject([
      200,
      { message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } },
    ]);
    const wrong = await bench.post({ query: '{ __typename }', extensions: { persistedQuery } });
    expect([wrong.status, codesOf(wrong.body)]).toEqual([400, ['PERSISTED_QUERY_MISMATCH']]);
    await bench.post({ query, extensions: { persistedQuery } });
    expect((await bench.post({ extensions: { persistedQuery } })).body).toEqual({
      data: { claim: { id: '1' } },
    });
    const bad = await bench.post({ extensions: { persistedQuery: { version: 2 } } });
    expect(codesOf(bad.body)).toEqual(['MALFORMED_REQUEST']);
    await bench.stop();
  });

  it('may be an allow-list', async () => {
    const bench = await TestBench.start({ persistedOperations: new TrustedDocuments({ one: query }) });
    const answer = { data: { claim: { id: '1' } } };
    for (const known of [
      { query },
      { documentId: 'one' },
      { documentId: `sha256:${sha256(query)}` },
      { extensions: { persistedQuery } },
    ]) {
      expect((await bench.post(known)).body).toEqual(answer);
    }
    for (const unknown of [{ query: '{ __typename }' }, { documentId: 'two' }]) {
      const { status, body } = await bench.post(unknown);
      expect([status, codesOf(body)]).toEqual([400, ['DOCUMENT_NOT_TRUSTED']]);
    }
    await bench.stop();
  });
});
