import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { RouterProcess } from '../testing/router-process.js';
import { TestBench } from '../testing/test-bench.js';
import { platformName } from './native-planner.js';

// What the planner's package tries to load in place of its binary.
const withoutBinary = { NAPI_RS_NATIVE_LIBRARY_PATH: '/nowhere/planner.node' };

describe('A router on a platform that the planner has no binary for', () => {
  let bench: TestBench;
  let router: RouterProcess;
  beforeAll(async () => {
    bench = await TestBench.start({ jwks: () => bench.tokens.jwks() });
    router = await RouterProcess.start(bench, withoutBinary);
  });
  afterAll(async () => {
    await router.remove();
    await bench.stop();
  });

  const post = async (query: string): Promise<unknown> => {
    const response = await fetch(router.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: await bench.tokens.issue() },
      body: JSON.stringify({ query }),
    });
    return response.json();
  };

  it('answers as any other', async () => {
    const query =
      '{ claims(first: 3) { id status patient { name age home { name } } } __schema { queryType { name } } }';
    expect(await post(query)).toEqual((await bench.post({ query })).body);
  });

  it('goes on with streams after their cursors', async () => {
    const client = createClient({
      url: router.wsUrl,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: await bench.tokens.issue() },
    });
    const query =
      'subscription ($after: String) { claimEvents(after: $after) { cursor claim { id patient { name } } } }';
    const { clinic } = bench;
    const after = clinic.claimEvents.startOf(undefined);
    clinic.claimEvents.append({ id: '1' });
    clinic.claimEvents.append({ id: '2' });
    const events = client.iterate({ query, variables: { after } });
    for (const id of ['1', '2']) {
      const claim = { id, patient: { name: `Patient p${id}` } };
      expect(await events.next()).toMatchObject({ value: { data: { claimEvents: { claim } } } });
    }
    await client.dispose();
  });

  it('says so in its log, by code and platform', async () => {
    const child = fork(path.join(import.meta.dirname, '../testing/log-of-default-engine.js'), [], {
      execArgv: [],
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: { ...process.env, ...withoutBinary },
    });
    const [line] = (await once(child, 'message')) as [{ code: string; msg: string; level: number }];
    expect(line).toMatchObject({ code: 'PLANNER_UNAVAILABLE', level: 40 });
    expect(line.msg).toContain(platformName());
  });
});
