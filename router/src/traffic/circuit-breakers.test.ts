import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { defaultRouterLimits } from '../router-limits.js';
import { codesOf, TestBench, until } from '../testing/test-bench.js';

const query = '{ claim(id: "1") { id } }';

describe('circuit breakers', () => {
  let bench: TestBench;
  let answering: (attempt: number) => string;
  let attempts: number;
  let held: number;
  let closed: number;
  let server: Server;

  /** A subgraph that answers as it is told; an empty answer is none at all. */
  beforeEach(async () => {
    attempts = held = closed = 0;
    answering = () => '{"data":{"claim":{"id":"1"}}}';
    server = createServer((request, response) => {
      attempts += 1;
      const answer = answering(attempts);
      response.once('close', () => {
        if (!response.writableFinished) closed += 1;
      });
      request.resume().once('end', () => {
        if (answer === '') held += 1;
        else response.end(answer);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  const start = async (limits: Partial<typeof defaultRouterLimits> = {}): Promise<void> => {
    const { port } = server.address() as AddressInfo;
    const real = await TestBench.start();
    const { clinic } = real;
    await real.router.close(100);
    const claims = { url: `http://127.0.0.1:${port}/graphql` };
    bench = await TestBench.start({
      supergraph: clinic.supergraph,
      subgraphs: { ...clinic.endpoints, claims },
      limits: { ...defaultRouterLimits, ...limits },
    });
    await clinic.stop();
  };
  afterEach(async () => {
    await bench.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const circuit = async (): Promise<string | undefined> => {
    const metrics = await (await fetch(bench.at('/metrics'))).text();
    return /medigraph_router_circuit_open\{subgraph="claims"\} (\S+)/.exec(metrics)?.[1];
  };
  const breakers = { failureRatio: 0.5, windowMs: 1_000, minimumRps: 5, halfOpenAfterMs: 300 };

  it('leave alone a subgraph that keeps failing, and try it again after a while', async () => {
    await start({ breakers });
    answering = () => '<html>502</html>';
    await until(async () => {
      await bench.post({ query });
      return (await circuit()) === '1';
    });
    const before = attempts;
    const { body } = await bench.post({ query });
    expect(codesOf(body)).toEqual(['SUBGRAPH_UNAVAILABLE']);
    expect(body.errors?.[0]?.extensions.subgraph).toBe('claims');
    expect(attempts).toBe(before);
    answering = () => '{"data":{"claim":{"id":"1"}}}';
    await until(async () => codesOf((await bench.post({ query })).body).length === 0);
    expect(await circuit()).toBe('0');
    expect(attempts).toBe(before + 1);
  });

  it('let a subgraph that refuses go on refusing', async () => {
    await start({ breakers });
    answering = () => '{"data":null,"errors":[{"message":"no","extensions":{"code":"FORBIDDEN"}}]}';
    for (let count = 0; count < 30; count += 1) await bench.post({ query });
    expect(attempts).toBe(30);
    expect(await circuit()).toBe('0');
  });

  it('can be switched off', async () => {
    await start({ breakers: { ...breakers, failureRatio: 0 } });
    answering = () => 'garbage';
    for (let count = 0; count < 30; count += 1) await bench.post({ query });
    expect(attempts).toBe(30);
  });

  it('do not count clients that leave, whose leaving reaches the subgraph', async () => {
    await start({ breakers });
    answering = () => '';
    const authorization = await bench.tokens.issue();
    for (let count = 1; count <= 20; count += 1) {
      const leaving = new AbortController();
      const asked = fetch(bench.router.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify({ query }),
        signal: leaving.signal,
      });
      await until(() => held === count);
      leaving.abort();
      await expect(asked).rejects.toThrow();
    }
    await until(() => closed === 20);
    expect(await circuit()).toBe('0');
  });

  it('come after the deadline of the operation, which reaches the subgraph too', async () => {
    await start({ operationTimeoutMs: 100 });
    answering = () => '';
    const { body } = await bench.post({ query });
    expect(codesOf(body)).toEqual(['OPERATION_TIMEOUT']);
    await until(() => closed === 1);
  });
});
