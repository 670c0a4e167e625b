import { type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type SubgraphServices } from '@medigraph/platform/graph';
import { type Caller } from '@medigraph/platform/identity';
import { type SubmitRequest } from '@medigraph/platform/ledger';
import { createProjector } from '@medigraph/platform/projection';
import { type care } from '@medigraph/schema';
import {
  EntryIndex,
  keyOf,
  KeyRewrapping,
  KeyRotations,
  ProgressStore,
} from '@medigraph/subgraph-records/rewrapping';
import { eventually } from '../system/eventually.js';
import { type Answer, LiveGraph, type Person } from './live-graph.js';

const hospital: Person = { role: 'hospital', mspId: 'HospitalAMSP', institution: 'hospital-a' };
const batch = 4;
const entries = 11;

let graph: LiveGraph;
let patient: Person;
let address: string;

const dataOf = (answer: Answer): Record<string, unknown> => {
  expect(answer.errors).toBeUndefined();
  return answer.data ?? {};
};
const rotate = () => graph.ask('patients', patient, 'mutation { rotateKeys { transaction { block } } }');
const progressOf = async (person: Person) =>
  dataOf(
    await graph.ask('records', person, '{ rewrapProgress { total rewrapped unreadable startedAt endedAt } }'),
  )['rewrapProgress'] as { rewrapped: number; startedAt: string; endedAt: string | null } | null;
const rewrapped = () =>
  eventually(
    'the keys are rewrapped',
    () => progressOf(patient),
    (told) => typeof told?.endedAt === 'string',
  );

/** Which of the patient's keys on the ledger a private key opens. */
async function openedBy(privateKey: KeyObject | undefined): Promise<number> {
  if (privateKey === undefined) throw new Error('no private key');
  const { ledger, custody, envelopes } = graph.services('records');
  const caller: Caller = { ...patient, subject: address, scopes: new Set(), expiresAt: 0 };
  const { items } = await ledger.evaluate<{ items: care.OwnKey[] }>({
    channel: 'care',
    chaincode: 'care',
    contract: 'Records',
    transaction: 'OwnKeysOf',
    argument: { pageSize: 1000 },
    signer: await custody.signerFor(caller),
  });
  const opened = await Promise.allSettled(items.map(({ key }) => envelopes.unwrap(key, privateKey)));
  return opened.filter(({ status }) => status === 'fulfilled').length;
}

/** Another server, whose connection breaks just after the ledger has taken its second batch. */
async function rewrapHalfway(block: number): Promise<void> {
  const services = graph.services('records');
  const { ledger, network, documents } = services;
  const connection = documents.connection.useDb(`${documents.connection.name}_halfway`);
  let submitted = 0;
  const breaking: SubgraphServices['ledger'] = {
    offline: ledger.offline,
    evaluate: (request) => ledger.evaluate(request),
    blocks: (...from) => ledger.blocks(...from),
    healthy: () => ledger.healthy(),
    close: () => ledger.close(),
    async submit<T>(request: SubmitRequest) {
      const committed = await ledger.submit<T>(request);
      submitted += 1;
      if (submitted === 2) throw new Error('cut off');
      return committed;
    },
  };
  const index = new EntryIndex(connection, network);
  const rotations = new KeyRotations(connection, network);
  const projector = createProjector({ name: 'halfway', ledger, connection, projections: [index, rotations] });
  try {
    await projector.start();
    expect(await projector.reached('care', block)).toBe(true);
    const progress = new ProgressStore(connection);
    const rewrapping = { services: { ...services, ledger: breaking }, rotations, index, progress, batch };
    await new KeyRewrapping(rewrapping).pass();
    const rotation = await rotations.of(address);
    expect(await progress.of(address, rotation ? keyOf(rotation) : '')).toMatchObject({
      total: entries,
      rewrapped: batch,
    });
  } finally {
    await projector.stop();
    await connection.dropDatabase();
  }
}

beforeAll(async () => {
  graph = await LiveGraph.start();
  const institution = `mutation { registerInstitution(input: { id: "hospital-a", name: "A", kind: HOSPITAL }) { institution { id } } }`;
  dataOf(await graph.ask('patients', { role: 'operator', mspId: 'HospitalAMSP' }, institution));
  const registered = dataOf(
    await graph.ask(
      'patients',
      hospital,
      'mutation { registerPatient(input: { identifier: "MRN-1" }) { patient { id } } }',
    ),
  );
  ({ id: address } = (registered['registerPatient'] as { patient: { id: string } }).patient);
  patient = { role: 'patient', mspId: 'PatientsMSP', patient: address };
  const resources = Array.from({ length: entries }, (_, note) => ({
    resourceType: 'Observation',
    status: 'final',
    code: { text: `note ${note}` },
    effectiveDateTime: '2026-01-02',
  }));
  dataOf(
    await graph.ask(
      'records',
      patient,
      'mutation($input: AddPersonalEntriesInput!) { addPersonalEntries(input: $input) { entries { id } } }',
      { input: { resources } },
    ),
  );
}, 120_000);

afterAll(async () => {
  await graph.close();
});

test('nobody who has not rotated keys has any to rewrap, and only patients may ask', async () => {
  expect(await progressOf(patient)).toBeNull();
  const refused = await graph.ask('records', hospital, '{ rewrapProgress { total } }');
  expect(refused.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
});

test('after a rotation every key is wrapped for the key that followed, and the old one opens none', async () => {
  const { custody } = graph.services('records');
  const old = await custody.decryptionKey(address);
  expect(await openedBy(old)).toBe(entries);
  dataOf(await rotate());
  expect(await rewrapped()).toMatchObject({ total: entries, rewrapped: entries, unreadable: 0 });
  expect(await openedBy(old)).toBe(0);
  expect(await openedBy(await custody.decryptionKey(address))).toBe(entries);
});

test('cut off half-way, it goes on with what the ledger still shows to be wrapped for the old key', async () => {
  const { custody } = graph.services('records');
  const old = await custody.decryptionKey(address);
  await graph.without('records', async () => {
    const { rotateKeys } = dataOf(await rotate()) as { rotateKeys: { transaction: { block: number } } };
    await rewrapHalfway(rotateKeys.transaction.block);
    expect(await openedBy(old)).toBe(entries - 2 * batch);
  });
  await eventually(
    'the old key opens nothing',
    () => openedBy(old),
    (opened) => opened === 0,
  );
  expect(await rewrapped()).toMatchObject({ total: entries, rewrapped: entries, unreadable: 0 });
  expect(await openedBy(await custody.decryptionKey(address))).toBe(entries);
});
