import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Answer, LiveGraph, type Person } from './live-graph.js';

const hospital: Person = { role: 'hospital', mspId: 'HospitalAMSP', institution: 'hospital-a' };

let graph: LiveGraph;
let patient: Person;
let id: string;

function dataOf(answer: Answer, field: string): Record<string, unknown> {
  expect(answer.errors).toBeUndefined();
  return answer.data?.[field] as Record<string, unknown>;
}
const codesOf = (answer: Answer): string[] => (answer.errors ?? []).map(({ extensions }) => extensions.code);

interface Outcome {
  readonly index: number;
  readonly status: string;
  readonly entry: { readonly id: string; readonly status: string } | null;
  readonly code: string | null;
  readonly issues: readonly { readonly expression: readonly string[]; readonly diagnostics: string }[];
}

const importEntries = (person: Person, input: object) =>
  graph.ask(
    'records',
    person,
    `mutation($input: ImportEntriesInput!) { importEntries(input: $input) {
      outcomes { index status code entry { id status class } issues { expression diagnostics } }
    } }`,
    { input: { patient: id, ...input } },
  );

async function outcomesOf(answer: Promise<Answer>): Promise<readonly Outcome[]> {
  return dataOf(await answer, 'importEntries')['outcomes'] as Outcome[];
}

const observation = (changes: object = {}) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'Heart rate' },
  subject: { reference: 'Patient/MRN-1' },
  effectiveDateTime: '2026-03-01',
  ...changes,
});

beforeAll(async () => {
  graph = await LiveGraph.start();
  const register =
    'mutation($input: RegisterInstitutionInput!) { registerInstitution(input: $input) { institution { id } } }';
  const input = { id: 'hospital-a', name: 'A', kind: 'HOSPITAL' };
  dataOf(
    await graph.ask('patients', { role: 'operator', mspId: 'HospitalAMSP' }, register, { input }),
    'registerInstitution',
  );
  const registered = dataOf(
    await graph.ask(
      'patients',
      hospital,
      'mutation { registerPatient(input: { identifier: "MRN-1" }) { patient { id } } }',
    ),
    'registerPatient',
  );
  ({ id } = registered['patient'] as { id: string });
  patient = { role: 'patient', mspId: 'PatientsMSP', patient: id };
}, 120_000);

afterAll(async () => {
  await graph.close();
});

test('nothing is imported without the patient letting it', async () => {
  const answer = await importEntries(hospital, { resources: [observation()], knownAs: ['Patient/MRN-1'] });
  expect(codesOf(answer)).toEqual(['STORAGE_NOT_AUTHORIZED']);
  const authorize =
    'mutation { authorizeStorage(input: { institutions: ["hospital-a"] }) { transaction { id } } }';
  dataOf(await graph.ask('records', patient, authorize), 'authorizeStorage');
});

test('each resource is judged for itself; what is wrong is told by element, and nobody else’s is taken', async () => {
  const outcomes = await outcomesOf(
    importEntries(hospital, {
      knownAs: ['Patient/MRN-1'],
      resources: [
        observation(),
        observation({ status: 'done', valueQuantity: { value: 'much' } }),
        observation({ subject: { reference: 'Patient/MRN-2' } }),
        { resourceType: 'Wizard' },
        observation(),
        observation({ subject: { reference: `Patient/${id}` }, code: { text: 'Weight' } }),
      ],
    }),
  );
  expect(outcomes.map(({ status }) => status)).toEqual([
    'STORED',
    'REFUSED',
    'REFUSED',
    'REFUSED',
    'EXISTING',
    'STORED',
  ]);
  expect(outcomes[0]?.entry).toMatchObject({ status: 'PRELIMINARY', class: 'CLINICAL' });
  expect(outcomes[4]?.entry).toEqual(outcomes[0]?.entry);
  expect(outcomes.map(({ issues }) => issues.flatMap(({ expression }) => expression))).toEqual([
    [],
    ['Observation.status', 'Observation.valueQuantity.value'],
    ['Observation.subject.reference'],
    ['Resource.resourceType'],
    [],
    [],
  ]);
});

const bundle = (type: string) => ({
  resourceType: 'Bundle',
  type,
  entry: [
    {
      fullUrl: 'urn:uuid:11111111-1111-4111-8111-111111111111',
      resource: { resourceType: 'Patient', name: [{ text: 'Ada' }] },
      request: { method: 'POST', url: 'Patient' },
    },
    {
      fullUrl: 'urn:uuid:22222222-2222-4222-8222-222222222222',
      resource: {
        resourceType: 'DiagnosticReport',
        status: 'final',
        code: { text: 'Panel' },
        subject: { reference: 'urn:uuid:11111111-1111-4111-8111-111111111111' },
        result: [{ reference: 'urn:uuid:33333333-3333-4333-8333-333333333333' }],
      },
      request: { method: 'POST', url: 'DiagnosticReport' },
    },
    {
      fullUrl: 'urn:uuid:33333333-3333-4333-8333-333333333333',
      resource: observation({
        id: 'o1',
        subject: { reference: 'urn:uuid:11111111-1111-4111-8111-111111111111' },
      }),
      request: { method: 'POST', url: 'Observation' },
    },
    {
      resource: observation({ subject: { reference: 'Patient/someone-else' } }),
      request: { method: 'POST', url: 'Observation' },
    },
  ],
});

test('a bundle stays one net of references, and is stored once', async () => {
  const first = await outcomesOf(importEntries(hospital, { bundle: bundle('transaction') }));
  expect(first.map(({ status }) => status)).toEqual(['STORED', 'STORED', 'STORED', 'REFUSED']);
  expect(first[3]?.issues[0]?.expression).toEqual(['Bundle.entry[3].resource.subject.reference']);
  const again = await outcomesOf(importEntries(hospital, { bundle: bundle('transaction') }));
  expect(again.map(({ status, entry }) => [status, entry?.id])).toEqual(
    first.map(({ status, entry }) => [status === 'STORED' ? 'EXISTING' : status, entry?.id]),
  );
  const report = await graph.ask('records', hospital, 'query($id: ID!) { entry(id: $id) { resource } }', {
    id: first[1]?.entry?.id,
  });
  expect(dataOf(report, 'entry')['resource']).toMatchObject({
    id: '22222222-2222-4222-8222-222222222222',
    subject: { reference: 'Patient/11111111-1111-4111-8111-111111111111' },
    result: [{ reference: 'Observation/o1' }],
  });
});

test('the same sent twice at once is stored once', async () => {
  const resources = Array.from({ length: 20 }, (_, index) =>
    observation({ code: { text: `Race ${index}` } }),
  );
  const send = () => outcomesOf(importEntries(hospital, { resources, knownAs: ['Patient/MRN-1'] }));
  const [one, other] = await Promise.all([send(), send()]);
  const stored = [...one, ...other].filter(({ status }) => status === 'STORED');
  expect(stored).toHaveLength(resources.length);
  expect(one.map(({ entry }) => entry?.id)).toEqual(other.map(({ entry }) => entry?.id));
});

test('what cannot be asked is refused as a whole', async () => {
  expect(codesOf(await importEntries(hospital, {}))).toEqual(['BAD_USER_INPUT']);
  expect(codesOf(await importEntries(hospital, { resources: [] }))).toEqual(['BAD_USER_INPUT']);
  expect(
    codesOf(await importEntries(hospital, { resources: [observation()], bundle: bundle('batch') })),
  ).toEqual(['BAD_USER_INPUT']);
  expect(codesOf(await importEntries(hospital, { bundle: bundle('history') }))).toEqual([
    'IMPORT_UNREADABLE',
  ]);
  const insurer: Person = { role: 'insurer', mspId: 'InsurerAMSP', institution: 'insurer-a' };
  expect(codesOf(await importEntries(insurer, { resources: [observation()] }))).toEqual(['FORBIDDEN']);
});
