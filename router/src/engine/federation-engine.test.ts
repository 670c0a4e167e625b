import { parse, validate, type ExecutionResult } from 'graphql';
import { NetworkSubgraphClient } from '../subgraphs/network-subgraph-client.js';
import { Clinic } from '../testing/clinic.js';
import { FederationEngine } from './federation-engine.js';
import { type RouterEngine } from './router-engine.js';

describe('FederationEngine', () => {
  let clinic: Clinic;
  let client: NetworkSubgraphClient;
  let engine: RouterEngine;

  beforeAll(async () => {
    clinic = await new Clinic().start();
    client = new NetworkSubgraphClient(clinic.endpoints, {
      timeoutMs: 2_000,
      maxResponseBytes: 1_000_000,
      maxConnections: 8,
      idleConnectionMs: 4_000,
      bufferedEvents: 10,
      keepAliveMs: 10_000,
      maxMessageBytes: 1_000_000,
    });
    engine = FederationEngine.create(clinic.supergraph, client);
  });

  afterAll(async () => {
    client.dispose();
    await clinic.stop();
  });

  async function run(text: string, variables?: Record<string, unknown>): Promise<ExecutionResult> {
    const document = parse(text);
    expect(validate(engine.schema, document)).toEqual([]);
    const result = await engine.execute(
      { document, variables },
      { requestId: 'test', signal: new AbortController().signal, authorization: 'Bearer test' },
    );
    if (Symbol.asyncIterator in result) throw new Error('unexpected stream');
    return JSON.parse(JSON.stringify(result)) as ExecutionResult;
  }

  it('follows entities through three subgraphs, each asked once', async () => {
    const before = clinic.subgraphs.map(({ received }) => received.length);
    const result = await run('{ claims(first: 4) { id status patient { name home { name } } } }');
    expect(result).toEqual({
      data: {
        claims: ['1', '2', '3', '4'].map((id) => ({
          id,
          status: Number(id) % 2 === 0 ? 'PAID' : 'ENTERED',
          patient: {
            name: `Patient p${Number(id) % 3}`,
            home: { name: `Hospital i${(Number(id) % 3) % 2}` },
          },
        })),
      },
    });
    expect(clinic.subgraphs.map(({ received }, index) => received.length - (before[index] ?? 0))).toEqual([
      1, 1, 1,
    ]);
    expect(clinic.institutions.received.at(-1)).toMatchObject({
      authorization: 'Bearer test',
      requestId: 'test',
    });
  });

  it('gives a subgraph the external fields it requires', async () => {
    expect(await run('{ claim(id: "1") { patient { age } } }')).toEqual({
      data: { claim: { patient: { age: 65 } } },
    });
  });

  it('resolves interfaces, unions, fragments, aliases and conditions', async () => {
    const text = `query Q($deep: Boolean!) {
      first: claim(id: "1") { ...Notes amount @skip(if: $deep) }
      party(id: "p1") { __typename ... on Patient { name } ... on Insurer { name } }
      insurer: party(id: "x") { ... on Insurer { label: name } }
    }
    fragment Notes on Claim { notes { text ... on Letter { pages } ... on Call @include(if: $deep) { minutes } } }`;
    expect(await run(text, { deep: true })).toEqual({
      data: {
        first: {
          notes: [
            { text: 'letter 1', pages: 2 },
            { text: 'call 1', minutes: 3 },
          ],
        },
        party: { __typename: 'Patient', name: 'Patient p1' },
        insurer: { label: 'Insurer x' },
      },
    });
  });

  it('runs mutations one after the other, whichever subgraph they belong to', async () => {
    clinic.notes.length = 0;
    const result = await run(`mutation {
      a: noteInClaims(text: "a") b: noteInPatients(text: "b") c: noteInClaims(text: "c") d: noteInPatients(text: "d")
    }`);
    expect(result.errors).toBeUndefined();
    expect(clinic.notes).toEqual(['a', 'b', 'c', 'd']);
  });

  it('keeps the code and the path of an error in a nested subgraph and the rest of the answer', async () => {
    const result = await run('{ claims(first: 2) { id patient { name secret } } }');
    expect(result.data).toEqual({
      claims: [
        { id: '1', patient: { name: 'Patient p1', secret: null } },
        { id: '2', patient: { name: 'Patient p2', secret: null } },
      ],
    });
    expect(result.errors?.map(({ path, extensions }) => [path?.join('.'), extensions.code])).toEqual([
      ['claims.0.patient.secret', 'FORBIDDEN'],
      ['claims.1.patient.secret', 'FORBIDDEN'],
    ]);
  });

  it('propagates a null to the next field that may be null', async () => {
    // patient is non-null, so the failing name takes the patient and the claim with it, but not the other root field.
    const result = await run('{ claim(id: "1") { id patient { broken } } other: claim(id: "2") { id } }');
    expect(result.data).toEqual({ claim: null, other: { id: '2' } });
    expect(result.errors).toHaveLength(1);
  });

  it('makes the whole data null where nothing on the way may be', async () => {
    const result = await run('{ claims(first: 1) { patient { broken } } }');
    expect(result.data).toBeNull();
    expect(result.errors?.[0]?.extensions.code).toBe('UNKNOWN_NAME');
  });

  it('answers null, not nothing, for an entity that does not exist', async () => {
    expect(await run('{ claim(id: "0") { id patient { name } } }')).toEqual({ data: { claim: null } });
  });

  it('describes the schema, also beside data and inside fragments, without internals', async () => {
    const result = await run(`query Q { __schema { queryType { name } } ...Rest }
      fragment Rest on Query { claim(id: "1") { id } type: __type(name: "Claim") { fields { name } } }`);
    expect(result).toEqual({
      data: {
        __schema: { queryType: { name: 'Query' } },
        claim: { id: '1' },
        type: { fields: ['id', 'status', 'amount', 'patient', 'notes'].map((name) => ({ name })) },
      },
    });
    expect(engine.schema.getType('join__Graph')).toBeUndefined();
  });

  it('refuses a supergraph that is none', () => {
    expect(() => FederationEngine.create('type Query { a: Int }', client)).toThrow('no supergraph');
  });

  it('answers under any name that a client chooses, without touching a prototype', async () => {
    const text = '{ __proto__: claim(id: "1") { constructor: id toString: patient { __proto__: name } } }';
    const { data, errors } = await run(text);
    expect(errors).toBeUndefined();
    expect(JSON.stringify(data)).toBe(
      '{"__proto__":{"constructor":"1","toString":{"__proto__":"Patient p1"}}}',
    );
    expect({}).not.toHaveProperty('name');
  });

  it('asks for an entity once, however often it occurs', async () => {
    const before = clinic.patients.received.length;
    const { data } = await run(
      '{ claims(first: 20) { id patient { name } } more: claims { patient { name } } }',
    );
    expect(data).toMatchObject({ claims: { length: 20 }, more: { length: 20 } });
    expect(clinic.patients.received.length - before).toBe(1);
  });

  it('answers in the order of the selection', async () => {
    const { data } = await run(
      '{ b: claim(id: "1") { patient { home { name } name } id } a: slow(milliseconds: 1) }',
    );
    expect(JSON.stringify(data)).toBe(
      '{"b":{"patient":{"home":{"name":"Hospital i1"},"name":"Patient p1"},"id":"1"},"a":"at last"}',
    );
  });

  it('asks no subgraph any more once nobody waits', async () => {
    const before = clinic.claims.received.length;
    const result = await engine.execute(
      { document: parse('{ claim(id: "1") { id } }') },
      { requestId: 'test', signal: AbortSignal.abort() },
    );
    expect(result).toMatchObject({ data: { claim: null }, errors: [{ path: ['claim'] }] });
    expect(clinic.claims.received).toHaveLength(before);
  });
});
