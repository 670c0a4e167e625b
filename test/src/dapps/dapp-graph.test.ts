import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  contractMetadata,
  type ChaincodeMetadata,
  DAppGraphs,
  type GraphManifest,
  type DAppChange,
  WebhookPost,
} from '@medigraph/dapp-graph';
import { BackEndServer, type ReceivedMessage } from '@medigraph/dapp-graph/testing';
import { type DAppCall, webhookId, WebhookStates } from '@medigraph/platform/operation';
import { type RunningRouter, startRouter } from '@medigraph/router';
import { compose } from '@medigraph/schema/composition';
import { type Client, createClient } from 'graphql-ws';
import { createHmac } from 'node:crypto';
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
    extensions: [
      { type: 'Patient', field: 'batches', find: 'Traces:BatchesOf', with: { patient: 'id' } },
      { type: 'Batch', field: 'label', find: 'Traces:LabelsOf', with: { ids: 'id' } },
      { type: 'Batch', field: 'tooFew', find: 'Traces:TooFew', with: { ids: 'id' } },
    ],
    references: [{ type: 'Batch', field: 'owner', entity: 'Patient', with: { id: 'patient' } }],
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
const calls: DAppCall[] = [];
let backEnd: BackEndServer;
let webhooks: WebhookStates;
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

/** Signatures of a message, as Standard Webhooks writes them. */
const signaturesOf = (message: ReceivedMessage | undefined): string[] =>
  String(message?.headers['webhook-signature']).split(' ');

/** What a receiver with that secret makes of it. */
function signed(message: ReceivedMessage | undefined, secret: string): string {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp } = message?.headers ?? {};
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const content = `${String(id)}.${String(timestamp)}.${message?.body ?? ''}`;
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
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
  backEnd = await BackEndServer.start();
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
  const { custody, documents } = graph.services('dapps');
  webhooks = new WebhookStates({
    connection: documents.connection,
    keyedHash: (text) => custody.keyedHash('webhook', text),
  });
  dapps = await DAppGraphs.open({
    core: { subgraphs, endpoints },
    router: router.graph,
    services: { ...services, documents: await graph.database('dapp_graphs') },
    installations: {
      active: (_dapp, { patient: person, institution }) =>
        Promise.resolve(installed.has(person ?? institution ?? '')),
    },
    calls: { record: (call) => calls.push(call) },
    webhooks: {
      states: webhooks,
      post: new WebhookPost({ privateAddresses: true, ca: backEnd.certificate }),
      pace: { pauses: { initial: 20, limit: 50 }, disableAfterMs: 1_000, lookEveryMs: 20 },
      logger: services.logger,
      delivers: (dapp) => Promise.resolve(dapp === manifest.id),
    },
  });
  close = async () => {
    await dapps.close();
    await router.close(1_000);
    await backEnd.close();
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
    const hooks = [{ event: 'Registered', url: backEnd.url('/registered') }];
    await dapps.activate({ manifest: { ...manifest, webhooks: hooks }, metadata });
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

  test('asks a resolver for many once, and leads to entities of the core', async () => {
    const before = calls.length;
    const { data, errors } = await ask(
      patient,
      `{ patient(id: "${patient.patient ?? ''}") { traces_batches { label owner { id active } } }
         other: traces_readBatch(id: "b1") { label } }`,
    );
    expect(errors).toBeUndefined();
    const owner = { id: patient.patient, active: true };
    expect(data).toEqual({
      patient: {
        traces_batches: [
          { label: 'insulin b1', owner },
          { label: 'insulin b2', owner },
        ],
      },
      other: { label: 'insulin b1' },
    });
    const made = calls.slice(before).map(({ operation }) => operation);
    expect(made.filter((operation) => operation === 'Traces:LabelsOf').length).toBeLessThanOrEqual(2);
  });

  test('refuses a resolver that answers for others than were asked for', async () => {
    const answer = await ask(patient, '{ traces_readBatch(id: "b1") { id tooFew } }');
    expect(codesOf(answer)).toEqual(['DAPP_RESULT_INVALID']);
    expect(answer.data).toEqual({ traces_readBatch: { id: 'b1', tooFew: null } });
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

  test('has its calls counted, with what they failed with', () => {
    const { patient: caller = '' } = patient;
    const of = { dapp: 'traces', version: '1.0.0', caller };
    expect(calls).toContainEqual({
      ...of,
      operation: 'Traces:Register',
      milliseconds: expect.any(Number),
    });
    const codes = new Set(calls.map(({ code }) => code));
    expect(codes).toEqual(new Set([undefined, 'DAPP_REFUSED/ENTRY_NOT_FOUND', 'DAPP_RESULT_INVALID']));
    // Who has not installed it has called nothing of it.
    expect(calls.every((call) => call.caller === caller)).toBe(true);
  });

  test('has its back end told of its events: signed, in order, again until it takes them', async () => {
    const url = backEnd.url('/registered');
    const id = webhookId({ dapp: 'traces', event: 'Registered', url });
    await until(() => backEnd.received.length === 2);
    const secret = await webhooks.changeSecret('traces');
    backEnd.received.length = 0;
    let refusals = 2;
    backEnd.answer = (response) => {
      refusals -= 1;
      response.writeHead(refusals >= 0 ? 500 : 204).end();
    };
    await register('w1');
    await register('w2');
    await until(() => backEnd.received.length === 4);
    const batches = backEnd.received.map(
      ({ body }) => JSON.parse(body) as { data: { item: { id: string } } },
    );
    expect(batches.map(({ data }) => data.item.id)).toEqual(['w1', 'w1', 'w1', 'w2']);
    expect(batches[0]).toMatchObject({
      type: 'traces.Registered',
      data: { dapp: 'traces', version: '1.0.0', item: { id: 'w1', product: 'insulin' } },
    });
    expect(new Set(backEnd.received.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
    for (const message of backEnd.received) expect(signaturesOf(message)).toContain(signed(message, secret));
    expect(signaturesOf(backEnd.received[0])).not.toContain(
      signed(backEnd.received[0], `whsec_${Buffer.alloc(32).toString('base64')}`),
    );
    const hook = await eventually(
      'the last delivery',
      () => webhooks.find(id),
      (found) => found?.failures === 0,
    );
    expect(hook).toMatchObject({ state: 'active', deliveredAt: expect.any(String) });
  });

  test('has a web hook disabled that fails for long, and resumed where it stopped', async () => {
    const url = backEnd.url('/registered');
    const id = webhookId({ dapp: 'traces', event: 'Registered', url });
    backEnd.received.length = 0;
    backEnd.answer = (response) => {
      response.writeHead(503).end();
    };
    await register('w3');
    const disabled = await eventually(
      'the end of the web hook',
      () => webhooks.find(id),
      (found) => found?.state === 'disabled',
    );
    expect(disabled).toMatchObject({ reason: 'it answered 503', failingSince: expect.any(String) });
    backEnd.answer = (response) => {
      response.writeHead(204).end();
    };
    backEnd.received.length = 0;
    await register('w4');
    expect(backEnd.received).toEqual([]);
    expect(await webhooks.resume(id)).toBe(true);
    await until(() => backEnd.received.length === 2);
    expect(backEnd.received.map(({ body }) => /"id":"(w\d)"/.exec(body)?.[1])).toEqual(['w3', 'w4']);
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

  test('leads nowhere to who may not see what is there', async () => {
    const foreign = await register('foreign', stranger);
    expect(foreign.errors).toBeUndefined();
    const { data } = await ask(
      patient,
      '{ traces_readBatch(id: "foreign") { owner { id active registeredAt } } }',
    );
    expect(data).toEqual({
      traces_readBatch: { owner: { id: stranger.patient, active: null, registeredAt: null } },
    });
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
