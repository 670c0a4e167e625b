import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ExecutionResult } from 'graphql';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { TrustedDocuments } from '../operations/persisted-operations.js';
import { codesOf, TestBench, until } from '../testing/test-bench.js';
import { type GraphState } from './graph-control.js';
import { supergraphSource } from './supergraph-source.js';

const beds = '{ institution(id: "i1") { beds } }';
const name = '{ institution(id: "i1") { name } }';

/** The clinic's supergraph without the beds of its institutions. */
const withoutBeds = (supergraph: string): string => supergraph.replace(/\n\s*beds: Int/, '');

describe('a change of the graph', () => {
  let bench: TestBench;
  afterEach(() => bench.stop());

  const knowsBeds = async (): Promise<boolean> =>
    (await bench.post({ query: beds })).body.errors === undefined;

  function subscribe(query: string, authorization: string) {
    const results: ExecutionResult[] = [];
    const client = createClient({
      url: bench.router.wsUrl,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization },
    });
    const ended = new Promise<void>((resolve) => {
      client.subscribe(
        { query },
        {
          next: (result) => results.push(result as ExecutionResult),
          error: () => resolve(),
          complete: () => resolve(),
        },
      );
    });
    return { results, ended, client };
  }

  it('goes unnoticed by subscriptions that are still valid, ends the others, lets queries finish', async () => {
    bench = await TestBench.start();
    const token = await bench.tokens.issue();
    const valid = subscribe('subscription { claimEvents { claim { id patient { name } } } }', token);
    const invalid = subscribe('subscription { claimEvents { claim { patient { home { beds } } } } }', token);
    await until(() => bench.clinic.claimEvents.readers === 2);
    bench.clinic.claimEvents.append({ id: '1' });
    await until(() => valid.results.length === 1 && invalid.results.length === 1);
    const running = bench.post({ query: '{ slow(milliseconds: 300) institution(id: "i1") { beds } }' });
    await until(() => bench.clinic.patients.received.some(({ query }) => query.includes('slow')));
    await bench.router.graph.change(withoutBeds(bench.clinic.supergraph));
    await invalid.ended;
    expect(codesOf(invalid.results.at(-1) ?? {})).toEqual(['SCHEMA_CHANGED']);
    expect(invalid.results.at(-1)?.errors?.[0]?.extensions['cursor']).toBe('at-1');
    bench.clinic.claimEvents.append({ id: '2' });
    await until(() => valid.results.length === 2);
    expect(valid.results.flatMap(codesOf)).toEqual([]);
    expect((await running).body).toEqual({ data: { slow: 'at last', institution: { beds: 100 } } });
    expect(await knowsBeds()).toBe(false);
    await valid.client.dispose();
    await invalid.client.dispose();
  });

  it.each<[string, (supergraph: string) => string]>([
    ['is no GraphQL', () => 'type Query {'],
    ['is no supergraph', () => 'type Query { a: Int }'],
    ['is empty', () => ''],
    ['names a type that is not there', (text) => text.replace('beds: Int', 'beds: Nowhere')],
    ['names a subgraph without address', (text) => text.replace('name: "claims"', 'name: "elsewhere"')],
    ['is cut off in the middle', (text) => text.slice(0, text.length / 2)],
  ])('is refused where the supergraph %s; the present one serves on', async (_how, spoil) => {
    bench = await TestBench.start();
    const offered = spoil(bench.clinic.supergraph);
    await expect(bench.router.graph.change(offered)).rejects.toMatchObject({ code: 'SUPERGRAPH_REFUSED' });
    expect(await knowsBeds()).toBe(true);
    const { current, refused } = bench.router.graph.state;
    expect([current.generation, refused?.message]).toEqual([1, expect.stringContaining('cannot be served')]);
    const metrics = await (await fetch(bench.at('/metrics'))).text();
    expect(metrics).toContain('medigraph_router_graph_changes_total{outcome="refused"} 1');
  });

  it('is one call of an operator, as is the way back', async () => {
    bench = await TestBench.start();
    const operator = await bench.tokens.issue(300, { role: 'operator', scope: 'medigraph:operate' });
    const call = async (method: string, at = '', body?: string, authorization = operator) => {
      const response = await fetch(bench.at(`/operator/graph${at}`), {
        method,
        body,
        headers: { authorization },
      });
      return { status: response.status, body: (await response.json()) as GraphState & ExecutionResult };
    };
    expect(await call('GET')).toMatchObject({
      status: 200,
      body: { current: { generation: 1 }, previous: [] },
    });
    const nowhere = await call('POST', '/rollback');
    expect([nowhere.status, codesOf(nowhere.body)]).toEqual([409, ['NO_PREVIOUS_GRAPH']]);
    const changed = await call('PUT', '', withoutBeds(bench.clinic.supergraph));
    expect(changed).toMatchObject({ status: 200, body: { current: { generation: 2 } } });
    expect(await knowsBeds()).toBe(false);
    const bad = await call('PUT', '', 'type Query {');
    expect([bad.status, codesOf(bad.body)]).toEqual([422, ['SUPERGRAPH_REFUSED']]);
    expect((await call('POST', '/rollback')).body.current.generation).toBe(3);
    expect(await knowsBeds()).toBe(true);
    for (const [method, at] of [
      ['DELETE', ''],
      ['GET', '/rollback'],
    ] as const)
      expect((await call(method, at)).status).toBe(405);
    expect((await call('GET', '/elsewhere')).status).toBe(404);
    const stranger = await call('POST', '/rollback', undefined, await bench.tokens.issue());
    expect([stranger.status, codesOf(stranger.body)]).toEqual([403, ['FORBIDDEN']]);
  });

  it('comes from a file that is replaced; what was rolled back does not come again', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'router-graph-'));
    const file = path.join(folder, 'supergraph.graphql');
    const write = async (text: string): Promise<void> => {
      await writeFile(`${file}.new`, text);
      await rename(`${file}.new`, file);
    };
    // The file is not there at first: nothing changes.
    bench = await TestBench.start({ watch: { source: supergraphSource(file), intervalMs: 20 } });
    const { supergraph } = bench.clinic;
    const { graph } = bench.router;
    await write(withoutBeds(supergraph));
    await until(async () => !(await knowsBeds()));
    await graph.rollback();
    const { generation } = graph.state.current;
    await write('type Query {');
    await until(() => graph.state.refused !== undefined);
    await rm(file);
    await write(`${withoutBeds(supergraph)}\n# again`);
    await until(() => graph.state.current.generation === generation + 1);
    await rm(folder, { recursive: true });
  });

  it('comes from a server that is asked again and again', async () => {
    let supergraph = '';
    let asked = 0;
    const server = createServer((request, response) => {
      asked += 1;
      if (supergraph === '') {
        response.writeHead(503).end();
        return;
      }
      const etag = `"${supergraph.length}"`;
      if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
      else response.writeHead(200, { etag }).end(supergraph);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    bench = await TestBench.start({
      watch: { source: supergraphSource(`http://127.0.0.1:${port}/`), intervalMs: 20 },
    });
    const { graph } = bench.router;
    await until(() => asked > 3);
    supergraph = withoutBeds(bench.clinic.supergraph);
    await until(async () => !(await knowsBeds()));
    const { generation } = graph.state.current;
    const before = asked;
    await until(() => asked > before + 3);
    expect(graph.state.current.generation).toBe(generation);
    server.close();
  });

  it('makes the documents of an allow-list ready, and says which do not fit any more', async () => {
    bench = await TestBench.start({ persistedOperations: new TrustedDocuments({ beds, name }) });
    await bench.router.graph.change(withoutBeds(bench.clinic.supergraph));
    expect(bench.router.graph.state.brokenDocuments).toBe(1);
    expect((await bench.post({ documentId: 'name' })).body).toEqual({
      data: { institution: { name: 'Hospital i1' } },
    });
    expect(codesOf((await bench.post({ documentId: 'beds' })).body)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    await bench.router.graph.rollback();
    expect(bench.router.graph.state.brokenDocuments).toBe(0);
    expect((await bench.post({ documentId: 'beds' })).body).toEqual({ data: { institution: { beds: 100 } } });
  });

  it('loses no answer under load', async () => {
    bench = await TestBench.start();
    let going = true;
    const codes = new Set<unknown>();
    const load = Array.from({ length: 8 }, async () => {
      while (going) for (const code of codesOf((await bench.post({ query: name })).body)) codes.add(code);
    });
    const { supergraph } = bench.clinic;
    for (let round = 0; round < 6; round += 1)
      await bench.router.graph.change(round % 2 === 0 ? withoutBeds(supergraph) : supergraph);
    going = false;
    await Promise.all(load);
    expect([...codes]).toEqual([]);
    expect(bench.router.graph.state.previous).toHaveLength(5);
  });
});
