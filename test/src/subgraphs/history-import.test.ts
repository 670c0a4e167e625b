import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Answer, LiveGraph, type Person } from './live-graph.js';

const institution = (mspId: string, id: string): Person => ({ role: 'hospital', mspId, institution: id });
const hospital = institution('HospitalAMSP', 'hospital-a');
const otherHospital = institution('HospitalBMSP', 'hospital-b');

let graph: LiveGraph;
let patient: Person;
let another: Person;

const codesOf = ({ errors = [] }: Answer): string[] => errors.map(({ extensions }) => extensions.code);
type Payload = Readonly<Record<string, unknown>>;

function mutate(person: Person, name: string, input: object, fields = shown): Promise<Answer> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const subgraph = name.startsWith('register') ? 'patients' : 'records';
  return graph.ask(subgraph, person, `mutation($input: ${type}!) { ${name}(input: $input) { ${fields} } }`, {
    input,
  });
}
const shown = 'import { id status reason category institution { id } offered { id } picked { id status } }';

async function done(answer: Promise<Answer>): Promise<Payload> {
  const { data, errors } = await answer;
  expect(errors).toBeUndefined();
  return Object.values(data ?? {})[0] as Payload;
}
async function changed(answer: Promise<Answer>): Promise<Payload & { readonly id: string }> {
  return (await done(answer))['import'] as Payload & { readonly id: string };
}

const observation = (text: string) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text },
  effectiveDateTime: '2026-03-01',
});

async function imported(...resources: object[]): Promise<string[]> {
  const fields = 'outcomes { entry { id } }';
  const input = { patient: patient.patient, resources };
  const { outcomes } = await done(mutate(hospital, 'importEntries', input, fields));
  return (outcomes as { entry: { id: string } }[]).map(({ entry }) => entry.id);
}

async function listed(person: Person): Promise<string[]> {
  const answer = await graph.ask('records', person, '{ imports { nodes { id } } }');
  expect(answer.errors).toBeUndefined();
  return (answer.data?.['imports'] as { nodes: { id: string }[] }).nodes.map(({ id }) => id);
}

async function statusOf(entry: string): Promise<unknown> {
  const answer = await graph.ask('records', patient, 'query($id: ID!) { entry(id: $id) { status } }', {
    id: entry,
  });
  return (answer.data?.['entry'] as { status: string } | null)?.status;
}

async function registered(identifier: string): Promise<Person> {
  const made = await done(mutate(hospital, 'registerPatient', { identifier }, 'patient { id }'));
  return { role: 'patient', mspId: 'PatientsMSP', patient: (made['patient'] as { id: string }).id };
}

beforeAll(async () => {
  graph = await LiveGraph.start();
  for (const { mspId, institution: id } of [hospital, otherHospital]) {
    const input = { id, name: `The ${id ?? ''}`, kind: 'HOSPITAL' };
    await done(mutate({ role: 'operator', mspId }, 'registerInstitution', input, 'institution { id }'));
  }
  patient = await registered('MRN-1');
  another = await registered('MRN-2');
}, 120_000);

afterAll(async () => {
  await graph.close();
});

test('a patient asks only whom they let store', async () => {
  expect(codesOf(await mutate(patient, 'requestImport', { institution: 'hospital-a' }))).toEqual([
    'STORAGE_NOT_AUTHORIZED',
  ]);
  await done(mutate(patient, 'authorizeStorage', { institutions: ['hospital-a'] }, 'transaction { id }'));
});

test('a patient asks, the institution offers, the patient picks; nobody else knows of it', async () => {
  const asked = await changed(
    mutate(patient, 'requestImport', {
      institution: 'hospital-a',
      category: ['OBSERVATION'],
      reason: 'I am moving',
      idempotencyKey: 'move',
    }),
  );
  expect(asked).toMatchObject({
    status: 'REQUESTED',
    reason: 'I am moving',
    category: ['OBSERVATION'],
    institution: { id: 'hospital-a' },
    offered: [],
    picked: [],
  });
  const client = await graph.subscriber('records', hospital);
  const events = client.iterate<{ importChanged: { event: string; import: { id: string } } }>({
    query: 'subscription { importChanged { event import { id status } } }',
  });
  const next = events.next();
  const [first = '', second = '', third = ''] = await imported(...['one', 'two', 'three'].map(observation));
  const offer = (...entries: string[]) =>
    mutate(hospital, 'offerImport', { import: asked.id, entries }).then((answer) => {
      expect(answer.errors).toBeUndefined();
    });
  await offer(first);
  await offer(second);
  const offered = await graph.ask(
    'records',
    patient,
    `query($id: ID!) { import(id: $id) { status offered { id status } } }`,
    { id: asked.id },
  );
  expect(offered.data?.['import']).toEqual({
    status: 'OFFERED',
    offered: [first, second].map((id) => ({ id, status: 'PRELIMINARY' })),
  });
  for (const person of [patient, hospital]) expect(await listed(person)).toEqual([asked.id]);
  for (const person of [another, otherHospital]) {
    expect(await listed(person)).toEqual([]);
    const hidden = await graph.ask('records', person, 'query($id: ID!) { import(id: $id) { status } }', {
      id: asked.id,
    });
    expect(hidden).toEqual({ data: { import: null } });
    expect(codesOf(await mutate(person, 'declineImport', { import: asked.id }))).toEqual([
      'IMPORT_NOT_FOUND',
    ]);
  }
  // What was not offered is not picked, and then nothing is authorised.
  const pick = (...entries: string[]) => mutate(patient, 'pickEntries', { import: asked.id, entries });
  expect(codesOf(await pick(first, third))).toEqual(['ENTRY_NOT_FOUND']);
  expect(await statusOf(first)).toBe('PRELIMINARY');
  expect(await changed(pick(first))).toMatchObject({
    status: 'PICKED',
    picked: [{ id: first, status: 'FINAL' }],
  });
  expect(await statusOf(second)).toBe('PRELIMINARY');
  expect(codesOf(await pick(second))).toEqual(['IMPORT_STATE_INVALID']);
  expect(await statusOf(second)).toBe('PRELIMINARY');
  const told = await next;
  expect(told.value).toMatchObject({ data: { importChanged: { import: { id: asked.id } } } });
  await events.return?.();
});

test('only what was asked for is offered, and either side may end it', async () => {
  const ask = () =>
    changed(mutate(patient, 'requestImport', { institution: 'hospital-a', category: ['IMAGING'] }));
  const { id } = await ask();
  const entries = await imported(observation('four'));
  expect(codesOf(await mutate(hospital, 'offerImport', { import: id, entries }))).toHaveLength(1);
  expect(codesOf(await mutate(otherHospital, 'offerImport', { import: id, entries }))).toEqual([
    'IMPORT_NOT_FOUND',
  ]);
  expect(codesOf(await mutate(patient, 'offerImport', { import: id, entries }))).toEqual(['FORBIDDEN']);
  expect(codesOf(await mutate(hospital, 'pickEntries', { import: id, entries }))).toEqual(['FORBIDDEN']);
  expect(await changed(mutate(hospital, 'declineImport', { import: id, reason: 'nothing' }))).toMatchObject({
    status: 'DECLINED',
    reason: 'nothing',
  });
  const other = await ask();
  expect(await changed(mutate(patient, 'declineImport', { import: other.id }))).toMatchObject({
    status: 'DECLINED',
  });
});

test('the same request repeated is one', async () => {
  const input = { institution: 'hospital-a', idempotencyKey: 'once' };
  const { id } = await changed(mutate(patient, 'requestImport', input));
  expect((await changed(mutate(patient, 'requestImport', input))).id).toBe(id);
});
