import { parse, type ExecutionResult } from 'graphql';
import { type SubgraphClient, type SubgraphRequest } from '../subgraphs/subgraph-client.js';
import { Clinic } from '../testing/clinic.js';
import { FederationEngine } from './federation-engine.js';

type Answer = (request: SubgraphRequest) => unknown;

/** Two claims of different patients, as their subgraph gives them. */
const claims = {
  data: {
    claims: ['1', '2'].map((id) => ({ id, patient: { __typename: 'Patient', id: `p${id}` } })),
  },
};

/** Subgraphs that answer as a test wants, also against every rule. */
class Subgraphs implements SubgraphClient {
  readonly names = new Set(['claims', 'patients', 'institutions']);
  readonly requests: SubgraphRequest[] = [];
  readonly #patients: Answer;

  constructor(patients: Answer) {
    this.#patients = patients;
  }

  request(request: SubgraphRequest): Promise<ExecutionResult> {
    this.requests.push(request);
    const answer = request.subgraph === 'claims' ? claims : this.#patients(request);
    return Promise.resolve(structuredClone(answer) as ExecutionResult);
  }

  async *subscribe(): AsyncGenerator<ExecutionResult, undefined> {
    yield* await Promise.resolve([]);
    return undefined;
  }

  unreachable(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  dispose(): void {
    this.requests.length = 0;
  }
}

describe('EntityFetch', () => {
  const { supergraph } = new Clinic();

  async function ask(patients: Answer, fields = 'secret') {
    const client = new Subgraphs(patients);
    const engine = FederationEngine.create(supergraph, client);
    const document = parse(`{ claims(first: 2) { id patient { ${fields} } } }`);
    const context = { requestId: 'test', signal: new AbortController().signal };
    const result = (await engine.execute({ document }, context)) as ExecutionResult;
    return { ...(JSON.parse(JSON.stringify(result)) as ExecutionResult), requests: client.requests };
  }

  const secrets = (...values: unknown[]) => ({
    claims: values.map((secret, index) => ({ id: String(index + 1), patient: { secret } })),
  });

  it('names each entity by its key', async () => {
    const { data, requests } = await ask(() => ({ data: { _entities: [{ secret: 'a' }, { secret: 'b' }] } }));
    expect(data).toEqual(secrets('a', 'b'));
    expect(requests[1]?.variables).toEqual({
      representations: ['p1', 'p2'].map((id) => ({ __typename: 'Patient', id })),
    });
  });

  it.each<[string, unknown]>([
    ['too few entities', { data: { _entities: [{ secret: 'a' }] } }],
    ['too many entities', { data: { _entities: [{ secret: 'a' }, { secret: 'b' }, { secret: 'c' }] } }],
    ['no list', { data: { _entities: 'garbage' } }],
    ['no entities at all', { data: {} }],
  ])('takes nothing of an answer with %s, and says so once', async (_, answer) => {
    const { data, errors } = await ask(() => answer);
    expect(data).toEqual(secrets(null, null));
    expect(errors).toMatchObject([{ path: ['claims'], extensions: { code: 'SUBGRAPH_BAD_RESPONSE' } }]);
  });

  it.each<[string, unknown]>([
    ['an object', { a: 1 }],
    ['a list', ['a']],
  ])('answers null where a string should be and %s is', async (_, garbage) => {
    const { data, errors } = await ask(() => ({
      data: { _entities: [{ secret: garbage }, { secret: 'b' }] },
    }));
    expect(data).toEqual(secrets(null, 'b'));
    expect(errors).toMatchObject([
      { path: ['claims', 0, 'patient', 'secret'], extensions: { code: 'SUBGRAPH_BAD_RESPONSE' } },
    ]);
  });

  it('does not pass on what nobody asked for, under whatever name', async () => {
    const entity = JSON.parse('{"secret":"a","name":"x","__proto__":{"polluted":true}}') as unknown;
    const { data, errors } = await ask(() => ({ data: { _entities: [entity, entity] } }));
    expect(data).toEqual(secrets('a', 'a'));
    expect(errors).toBeUndefined();
    expect({}).not.toHaveProperty('polluted');
  });

  it('leads an error from its entity to its place', async () => {
    const { errors } = await ask(() => ({
      data: { _entities: [{ secret: null }, { secret: 'b' }] },
      errors: [{ message: 'No.', path: ['_entities', 0, 'secret'], extensions: { code: 'FORBIDDEN' } }],
    }));
    expect(errors).toMatchObject([
      { message: 'No.', path: ['claims', 0, 'patient', 'secret'], extensions: { code: 'FORBIDDEN' } },
    ]);
  });

  it('keeps the rest where a subgraph fails, and says so once', async () => {
    const failure = { errors: [{ message: 'Gone.', extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }] };
    const { data, errors } = await ask(() => failure);
    expect(data).toEqual(secrets(null, null));
    expect(errors).toMatchObject([{ path: ['claims'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }]);
  });

  it('keeps the rest where the connection itself throws', async () => {
    const { data, errors } = await ask(() => {
      throw new Error('password=hunter2');
    });
    expect(data).toEqual(secrets(null, null));
    expect(errors).toMatchObject([{ extensions: { code: 'SUBGRAPH_UNAVAILABLE', subgraph: 'patients' } }]);
    expect(JSON.stringify(errors)).not.toContain('hunter2');
  });

  it('makes what holds an entity null where the entity has to be and is missing', async () => {
    const { data, errors } = await ask(() => ({ data: { _entities: [null, { name: 'b' }] } }), 'name');
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      { path: ['claims', 0, 'patient', 'name'], extensions: { code: 'SUBGRAPH_BAD_RESPONSE' } },
    ]);
  });
});
