import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import fc from 'fast-check';
import { defaultRouterLimits } from '../router-limits.js';
import { startRouter, type RunningRouter } from '../start-router.js';
import { Clinic } from '../testing/clinic.js';
import { faultOf, fuzzing, fuzzTimeoutMs } from '../testing/fuzzing.js';
import { TestTokens } from '../testing/test-tokens.js';

const query = '{ claims(first: 2) { id patient { id name home { id } } } }';

describe('a subgraph that answers whatever it likes', () => {
  const clinic = new Clinic();
  let hostile: Server;
  let router: RunningRouter;
  let authorization: string;
  let answer: (response: ServerResponse) => void;

  beforeAll(async () => {
    await clinic.start();
    hostile = createServer((request, response) => {
      request.resume().on('end', () => answer(response));
    });
    hostile.listen(0, '127.0.0.1');
    await once(hostile, 'listening');
    const url = `http://127.0.0.1:${(hostile.address() as AddressInfo).port}/graphql`;
    const tokens = await TestTokens.create();
    authorization = await tokens.issue();
    router = await startRouter({
      supergraph: clinic.supergraph,
      subgraphs: { ...clinic.endpoints, patients: { url } },
      verifier: tokens,
      limits: {
        subgraphs: { ...defaultRouterLimits.subgraphs, timeoutMs: 1_500, maxResponseBytes: 100_000 },
      },
    });
  });
  afterAll(async () => {
    await router.close(1_000);
    hostile.closeAllConnections();
    hostile.close();
    await clinic.stop();
  });

  async function ask(): Promise<{ data?: { claims?: unknown }; errors?: unknown[] }> {
    const response = await fetch(router.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({ query }),
    });
    return (await response.json()) as { data?: { claims?: unknown } };
  }

  it.each<[string, string, (response: ServerResponse) => void]>([
    ['HTML', 'SUBGRAPH_BAD_RESPONSE', (response) => response.end('<html>not found</html>')],
    ['status 500 alone', 'SUBGRAPH_BAD_RESPONSE', (response) => response.writeHead(500).end()],
    ['too much', 'SUBGRAPH_BAD_RESPONSE', (response) => response.end(' '.repeat(200_000))],
    ['too late', 'SUBGRAPH_TIMEOUT', () => undefined],
    [
      'half of it, and nothing more',
      'SUBGRAPH_TIMEOUT',
      (response) => response.writeHead(200, { 'content-length': 100 }).write('{"data":'),
    ],
    [
      'half of it, and hangs up',
      'SUBGRAPH_UNAVAILABLE',
      (response) => response.write('{', () => response.destroy()),
    ],
    [
      'one entity too few',
      'SUBGRAPH_BAD_RESPONSE',
      (response) => response.end('{"data":{"_entities":[{"name":"x"}]}}'),
    ],
  ])('%s is an error of its part alone', async (_what, code, give) => {
    answer = give;
    expect(await ask()).toMatchObject({ data: null, errors: [{ extensions: { code } }] });
  });

  it('gives clients no field that they did not ask for', async () => {
    answer = (response) => {
      const entity = {
        __typename: 'Patient',
        name: 'N',
        secret: 's',
        home: { id: 'i', beds: 1, __proto__: 1 },
      };
      response.end(
        JSON.stringify({ data: { _entities: [entity, entity], more: 1 }, extensions: { debug: 's' } }),
      );
    };
    const patient = (id: string) => ({ id, name: 'N', home: { id: 'i' } });
    expect(await ask()).toEqual({
      data: {
        claims: [
          { id: '1', patient: patient('p1') },
          { id: '2', patient: patient('p2') },
        ],
      },
    });
  });

  it(
    'never makes an answer that is not one',
    () => {
      const entity = fc.oneof(
        fc.record(
          {
            __typename: fc.oneof(fc.constantFrom('Patient', 'Institution', 'Nobody'), fc.jsonValue()),
            name: fc.jsonValue(),
            home: fc.oneof(fc.record({ id: fc.jsonValue() }), fc.jsonValue()),
          },
          { requiredKeys: [] },
        ),
        fc.jsonValue(),
      );
      const errors = fc.array(
        fc.oneof(
          fc.record(
            {
              message: fc.jsonValue(),
              path: fc.oneof(
                fc.array(fc.oneof(fc.constantFrom('_entities', 0, 1, 'name'), fc.jsonValue())),
                fc.jsonValue(),
              ),
              extensions: fc.jsonValue(),
            },
            { requiredKeys: [] },
          ),
          fc.jsonValue(),
        ),
        { maxLength: 3 },
      );
      const body = fc.oneof(
        fc.record(
          {
            data: fc.oneof(
              fc.record({ _entities: fc.oneof(fc.tuple(entity, entity), fc.array(entity), fc.jsonValue()) }),
              fc.jsonValue(),
            ),
            errors: fc.oneof(errors, fc.jsonValue()),
          },
          { requiredKeys: [] },
        ),
        fc.jsonValue(),
      );
      return fc.assert(
        fc.asyncProperty(body, async (given) => {
          answer = (response) => response.end(JSON.stringify(given));
          const result = await ask();
          // The codes are the subgraph's own; that there is one, and the form, are not.
          expect(faultOf(result) ?? 'code').toMatch(/^code/);
          const claims = result.data?.claims;
          for (const claim of Array.isArray(claims) ? (claims as Record<string, unknown>[]) : []) {
            expect(Object.keys(claim)).toEqual(['id', 'patient']);
            expect(Object.keys(claim['patient'] as object)).toEqual(['id', 'name', 'home']);
          }
        }),
        fuzzing,
      );
    },
    fuzzTimeoutMs,
  );
});
