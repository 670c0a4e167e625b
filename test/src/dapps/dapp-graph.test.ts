import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  contractMetadata,
  type ChaincodeMetadata,
  DAppGraphs,
  type GraphManifest,
  type DAppChange,
} from '@medigraph/dapp-graph';
import { type RunningRouter, startRouter } from '@medigraph/router';
import { compose } from '@medigraph/schema/composition';
import { type Client, createClient } from 'graphql-ws';
import { readFile } from 'node:fs/promises';
import { WebSocket } from 'ws';
import { type Answer, LiveGraph, type Person } from '../subgraphs/live-graph.js';
import { eventually } from '../system/eventually.js';

const core = ['patients', 'records', 'consent', 'claims'] as const;
const hospital: Person = { role: 'hospital', mspId: 'HospitalAMSP', institution: 'hospital-a' };
const chaincode = 'dapp-traces';
const manifest: GraphManifest = {
  id: 'traces',
  version: '1.0.0',
  channel: 'care',
  contracts: { names: ['Traces'] },
  graph: {
    entities: { Batch: { key: 'id', find: 'Traces:ReadBatch' } },
    extensions: [{ type: 'Patient', field: 'batches', find: 'Traces:BatchesOf', with: { patient: 'id' } }],
    events: { Recalled: { type: 'Batch', filter: ['product'] }, Registered: { type: 'Batch' } },
  },
};

let graph: LiveGraph;
let router: RunningRouter;
let dapps: DAppGraphs;
let close: () => Promise<void> = () => Promise.resolve();
let metadata: ChaincodeMetadata;
let patient: Person;
let stranger: Person;
const installed = new Set<string>();
const clients: Client[] = [];

const ask = async (person: Person, query: string, variables: object = {}): Promise<Answer> => {
  const response = await fetch(router.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await graph.token(person)}` },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answer;
};
const until = (holds: () => boolean): Promise<boolean> => eventually(holds.toString(), holds, Boolean);
const codesOf = ({ errors = [] }: Answer): string[] => [
  ...new Set(errors.map(({ extensions }) => extensions.code)),
];

/** What a subscriber has got so far, and whether the stream has ended. */
interface Heard {
  readonly events: Record<string, unknown>[];
  ended?: unknown;
}

async function subscribe(person: Person, query: string): Promise<Heard> {
  const client = createClient({
    url: router.wsUrl,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${await graph.token(person)}` },
    retryAttempts: 0,
  });
  clients.push(client);
  const heard: Heard = { events: [] };
  client.subscribe(
    { query },
    {
      next: ({ data, errors }) => {
        if (data) heard.events.push(data);
        else heard.ended = errors;
      },
      error: (error) => {
        heard.ended = error;
      },
      complete: () => {
        heard.ended ??= 'complete';
      },
    },
  );
  return heard;
}

async function* told(changes: readonly DAppChange[]): AsyncGenerator<DAppChange> {
  for (const change of changes) yield await Promise.resolve(change);
}

const register = (id: string, of: Person = patient, by: Person = patient) =>
  ask(
    by,
    `mutation($batch: Traces_BatchInput!) { traces_register(batch: $batch, idempotencyKey: "${id}") {
       result { id product } transaction { id channel block } } }`,
    { batch: { id, product: 'insulin', patient: of.patient, recalled: false } },
  );

beforeAll(async () => {
  graph = await LiveGraph.start({
    strangers: { [chaincode]: new URL('traces-chaincode.js', import.meta.url) },
  });
  close = () => graph.close();
  const operator: Person = { role: 'operator', mspId: 'HospitalAMSP' };
  const made =
    'mutation { registerInstitution(input: { id: "hospital-a", name: "A", kind: HOSPITAL }) { institution { id } } }';
  await graph.ask('patients', operator, made);
  const registered = async (identifier: string): Promise<Person> => {
    const query = `mutation { registerPatient(input: { identifier: "${identifier}" }) { patient { id } } }`;
    const { data } = await graph.ask('patients', hospital, query);
    const { patient: found } = data?.['registerPatient'] as { patient: { id: string } };
    return { role: 'patient', mspId: 'PatientsMSP', patient: found.id };
  };
  patient = await registered('MRN-1');
  stranger = await registered('MRN-2');
  const services = graph.services('patients');
  const subgraphs = new Map(
    await Promise.all(
      core.map(async (name): Promise<[string, string]> => {
        const file = new URL(`../../../schema/subgraphs/${name}.graphql`, import.meta.url);
        return [name, await readFile(file, 'utf8')];
      }),
    ),
  );
  const endpoints = Object.fromEntries(
    core.map((name) => {
      const { url, wsUrl, inProcess } = graph.subgraph(name);
      return [name, { url, wsUrl, inProcess }];
    }),
  );
  router = await startRouter({
    supergraph: compose(subgraphs),
    subgraphs: endpoints,
    verifier: services.tokens,
  });
  dapps = await DAppGraphs.open({
    core: { subgraphs, endpoints },
    router: router.graph,
    services: { ...services, documents: await graph.database('dapp_graphs') },
    installations: {
      active: (_dapp, { patient: person, institution }) =>
        Promise.resolve(installed.has(person ?? institution ?? '')),
    },
  });
  close = async () => {
    await dapps.close();
    await router.close(1_000);
    await graph.close();
  };
  await graph.deploy(chaincode);
  const signer = await services.custody.organization('HospitalAMSP');
  metadata = await contractMetadata(services.ledger, { channel: 'care', chaincode }, signer);
}, 180_000);

afterAll(async () => {
  await Promise.all(clients.map((client) => Promise.resolve(client.dispose())));
  await close();
});

describe('a DApp in a graph that serves', () => {
  let ofCore: Heard;

  test('comes in without a restart, while subscriptions go on', async () => {
    ofCore = await subscribe(patient, 'subscription { patientChanged { event patient { id } } }');
    await until(() => router.graph.state.current.generation === 1);
    expect(codesOf(await register('before'))).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    await dapps.activate({ manifest, metadata });
    expect(dapps.active).toEqual(new Map([['traces', '1.0.0']]));
  });

  test('is not there for who has not installed it', async () => {
    expect(codesOf(await register('b0'))).toEqual(['DAPP_NOT_INSTALLED']);
    expect(codesOf(await ask(patient, '{ traces_version }'))).toEqual(['DAPP_NOT_INSTALLED']);
    const seen = await ask(
      patient,
      `{ patient(id: "${patient.patient ?? ''}") { id traces_batches { id } } }`,
    );
    expect(seen).toEqual({ data: { patient: { id: patient.patient, traces_batches: [] } } });
    const heard = await subscribe(patient, 'subscription { traces_recalled { cursor } }');
    await until(() => heard.ended !== undefined);
    expect(JSON.stringify(heard.ended)).toContain('DAPP_NOT_INSTALLED');
  });

  test('writes to the ledger, tells of it, and answers', async () => {
    installed.add(patient.patient ?? '');
    const heard = await subscribe(
      patient,
      'subscription { traces_recalled(product: "insulin") { cursor event transaction { block } timestamp item { id recalled } } }',
    );
    const { data, errors } = await register('b1');
    expect(errors).toBeUndefined();
    expect(data?.['traces_register']).toMatchObject({
      result: { id: 'b1', product: 'insulin' },
      transaction: { channel: 'care' },
    });
    // The same key by the same caller is the same transaction.
    expect((await register('b1')).data).toEqual(data);
    await register('b2');
    expect(
      (await ask(patient, '{ traces_readBatch(id: "b1") { id product recalled } traces_version }')).data,
    ).toEqual({
      traces_readBatch: { id: 'b1', product: 'insulin', recalled: false },
      traces_version: '1.0.0',
    });
    const patients = await ask(
      patient,
      `{ patient(id: "${patient.patient ?? ''}") { active traces_batches { id product } } }`,
    );
    expect(patients.data).toEqual({
      patient: {
        active: true,
        traces_batches: [
          { id: 'b1', product: 'insulin' },
          { id: 'b2', product: 'insulin' },
        ],
      },
    });
    await ask(patient, 'mutation { traces_recall(id: "b1") { transaction { id } } }');
    await until(() => heard.events.length === 1);
    expect(heard.events[0]?.['traces_recalled']).toMatchObject({
      event: 'Recalled',
      item: { id: 'b1', recalled: true },
    });
    expect(heard.ended).toBeUndefined();
  });

  test('speaks with its own codes beside ours, and is not believed when it lies', async () => {
    const refused = await ask(patient, 'mutation { traces_recall(id: "none") { transaction { id } } }');
    expect(refused.errors?.[0]).toMatchObject({
      message: 'There is no batch none.',
      extensions: { code: 'DAPP_REFUSED', dapp: 'traces', dappCode: 'ENTRY_NOT_FOUND' },
    });
    const lie = await ask(patient, '{ traces_lie { id } }');
    expect(lie.data).toEqual({ traces_lie: null });
    expect(codesOf(lie)).toEqual(['DAPP_RESULT_INVALID']);
    const written = await ask(patient, 'mutation { traces_lieInWriting { result { id } } }');
    expect(written.errors?.[0]?.extensions).toMatchObject({
      code: 'DAPP_RESULT_INVALID',
      transactionId: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
    });
  });

  test('has its events resumed after a cursor, a flood at the pace of who takes it', async () => {
    const first = await subscribe(patient, 'subscription { traces_recalled { cursor item { id } } }');
    await ask(patient, 'mutation { traces_recall(id: "b2") { transaction { id } } }');
    await until(() => first.events.length === 1);
    const { cursor } = first.events[0]?.['traces_recalled'] as { cursor: string };
    await ask(patient, 'mutation { traces_flood(count: 900) { transaction { id } } }');
    await ask(patient, 'mutation { traces_recall(id: "b1") { transaction { id } } }');
    const again = await subscribe(
      patient,
      `subscription { traces_recalled(after: "${cursor}", product: "insulin") { item { id } } }`,
    );
    await until(() => again.events.length === 1);
    expect(again.events[0]).toEqual({ traces_recalled: { item: { id: 'b1' } } });
    // More than is looked at of one event is none.
    await ask(patient, 'mutation { traces_flood(count: 3000) { transaction { id } } }');
    await ask(patient, 'mutation { traces_recall(id: "b2") { transaction { id } } }');
    await until(() => again.events.length === 2);
    expect(again.events[1]).toEqual({ traces_recalled: { item: { id: 'b2' } } });
  });

  test('leaves out of account what others may not see', async () => {
    expect(codesOf(await register('b9', stranger, stranger))).toEqual(['DAPP_NOT_INSTALLED']);
    expect(codesOf(await ask(hospital, '{ traces_readBatch(id: "b1") { id } }'))).toEqual([
      'DAPP_NOT_INSTALLED',
    ]);
    installed.add('hospital-a');
    expect((await ask(hospital, '{ traces_readBatch(id: "b1") { id } }')).data).toEqual({
      traces_readBatch: { id: 'b1' },
    });
    const reading: Person = { ...patient, scopes: ['patient/*.read'] };
    expect(codesOf(await register('b8', patient, reading))).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE']);
  });

  test('is refused where the graph cannot take it, and the rest goes on', async () => {
    const generation = router.graph.state.current.generation;
    const collides: GraphManifest = { ...manifest, id: 'other', contracts: { names: ['Elsewhere'] } };
    await expect(dapps.activate({ manifest: collides, metadata })).rejects.toMatchObject({
      code: 'DAPP_CONTRACTS_MISMATCH',
    });
    expect(router.graph.state.current.generation).toBe(generation);
    expect(dapps.active).toEqual(new Map([['traces', '1.0.0']]));
  });

  test('is replaced and taken out, and no subscription of others ends', async () => {
    const own = await subscribe(patient, 'subscription { traces_registered { item { id } } }');
    const refused: unknown[] = [];
    await dapps.follow(
      told([
        { change: 'activated', manifest: { ...manifest, id: 'second' } },
        { change: 'activated', manifest: { ...manifest, id: 'third', contracts: { names: ['Elsewhere'] } } },
        { change: 'withdrawn', dapp: 'third' },
        // Its contracts do not start; nobody waits for them, and it is stopped in the end.
        { change: 'activated', manifest: { ...manifest, id: 'silent' } },
        { change: 'activated', manifest: { ...manifest, version: '1.1.0' } },
        { change: 'withdrawn', dapp: 'silent' },
      ]),
      {
        metadataOf: ({ id }, overtaken) =>
          id === 'silent'
            ? new Promise((_, reject) => overtaken.addEventListener('abort', () => reject(new Error(id))))
            : Promise.resolve(metadata),
        onRefused: (_change, error) => refused.push((error as { code?: unknown }).code),
      },
    );
    expect(refused).toEqual(['DAPP_CONTRACTS_MISMATCH']);
    expect((await ask(patient, '{ traces_version second_version }')).data).toEqual({
      traces_version: '1.1.0',
      second_version: '1.0.0',
    });
    await register('b3');
    await until(() => own.events.length === 1);
    await dapps.withdraw('second');
    await register('b4');
    await until(() => own.events.length === 2);
    await dapps.withdraw('traces');
    await until(() => own.ended !== undefined);
    expect(JSON.stringify(own.ended)).toContain('SCHEMA_CHANGED');
    expect(codesOf(await register('b5'))).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect(ofCore.ended).toBeUndefined();
    await ask(patient, 'mutation { rotateKeys { patient { id } } }');
    await until(() => ofCore.events.length > 0);
    expect(ofCore.events[0]).toMatchObject({ patientChanged: { patient: { id: patient.patient } } });
  });
});
