import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { validateResource } from '@medigraph/platform/fhir';
import { type Answer, LiveGraph, type Person } from './live-graph.js';

const hospital: Person = { role: 'hospital', mspId: 'HospitalAMSP', institution: 'hospital-a' };
const insurer: Person = { role: 'insurer', mspId: 'InsurerAMSP', institution: 'insurer-a' };
const program = (clientId: string): Person => ({
  role: 'contributor',
  mspId: 'HospitalBMSP',
  institution: 'hospital-b',
  clientId,
});
const watch = program('watch');
const pharmacy = program('pharmacy');

let graph: LiveGraph;
let patient: Person;
let id: string;
let stranger: string;

const codesOf = ({ errors = [] }: Answer): string[] => errors.map(({ extensions }) => extensions.code);
type Payload = Readonly<Record<string, unknown>>;

function mutate(person: Person, name: string, input: object, fields: string): Promise<Answer> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const subgraph = name.startsWith('register') ? 'patients' : name.endsWith('Access') ? 'consent' : 'records';
  return graph.ask(subgraph, person, `mutation($input: ${type}!) { ${name}(input: $input) { ${fields} } }`, {
    input,
  });
}
async function done(answer: Promise<Answer>): Promise<Payload> {
  const { data, errors } = await answer;
  expect(errors).toBeUndefined();
  return Object.values(data ?? {})[0] as Payload;
}

const pulse = (value: number, changes: object = {}) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'Heart rate' },
  effectiveDateTime: '2026-03-01T08:00:00Z',
  valueQuantity: { value, unit: '/min' },
  ...changes,
});
const contribute = (person: Person, idempotencyKey: string, resources: object[], changes: object = {}) =>
  mutate(
    person,
    'contributeEntries',
    { patient: id, idempotencyKey, resources, ...changes },
    'stored entries contributedAt',
  );
const authorize = (input: object) =>
  done(
    mutate(
      patient,
      'authorizeContributor',
      { institution: 'hospital-b', application: 'watch', kind: 'DEVICE', ...input },
      'contributor { application active }',
    ),
  );

async function entries(person = patient): Promise<Payload[]> {
  const answer = await graph.ask(
    'records',
    person,
    `query($id: ID!) { _entities(representations: [{ __typename: "Patient", id: $id }]) { ... on Patient {
      entries(first: 100) { nodes { id class status institution { id } resource provenance {
        agent { kind id } onBehalfOf { id } method source trust recordedAt resource } } } } } }`,
    { id },
  );
  expect(answer.errors).toBeUndefined();
  const [found] = answer.data?.['_entities'] as [{ entries: { nodes: Payload[] } }];
  return found.entries.nodes;
}

beforeAll(async () => {
  graph = await LiveGraph.start();
  for (const [mspId, institution, kind] of [
    ['HospitalAMSP', 'hospital-a', 'HOSPITAL'],
    ['HospitalBMSP', 'hospital-b', 'HOSPITAL'],
    ['InsurerAMSP', 'insurer-a', 'INSURER'],
  ] as const)
    await done(
      mutate(
        { role: 'operator', mspId },
        'registerInstitution',
        { id: institution, name: institution, kind },
        'institution { id }',
      ),
    );
  const register = async (identifier: string): Promise<string> => {
    const made = await done(mutate(hospital, 'registerPatient', { identifier }, 'patient { id }'));
    return (made['patient'] as { id: string }).id;
  };
  id = await register('MRN-1');
  stranger = await register('MRN-2');
  patient = { role: 'patient', mspId: 'PatientsMSP', patient: id };
}, 120_000);

afterAll(async () => {
  await graph.close();
});

test('to a device that the patient does not let write, the patient is not there', async () => {
  const unknown = await contribute(watch, 'k', [pulse(60)], { patient: 'f'.repeat(40) });
  const known = await contribute(watch, 'k', [pulse(60)]);
  expect(codesOf(known)).toEqual(['PATIENT_NOT_FOUND']);
  expect(known.errors?.[0]?.message).toBe(unknown.errors?.[0]?.message.replace('f'.repeat(40), id));
  // Nor does what is sent make a difference: it is not looked at.
  expect(codesOf(await contribute(watch, 'k', [{ resourceType: 'Wizard' }]))).toEqual(['PATIENT_NOT_FOUND']);
});

test('what a device measures is the patient’s at once, and says where it comes from; the device sees nothing', async () => {
  await authorize({});
  const { stored, entries: ids } = await done(
    contribute(watch, 'morning', [pulse(60), pulse(61, { subject: { reference: `Patient/${id}` } })], {
      source: 'watch-cloud',
    }),
  );
  expect(stored).toBe(true);
  const found = await entries();
  expect(found.map((one) => one['id']).sort()).toEqual([...(ids as string[])].sort());
  expect(found[0]).toMatchObject({
    class: 'PERSONAL',
    status: 'FINAL',
    institution: null,
    resource: { code: { text: 'Heart rate' } },
    provenance: {
      agent: { kind: 'DEVICE', id: 'watch' },
      onBehalfOf: { id: 'hospital-b' },
      method: 'MEASURED',
      source: 'watch-cloud',
      trust: 'SUBSTANTIAL',
    },
  });
  const { resource } = found[0]?.['provenance'] as { resource: unknown };
  expect(() => {
    validateResource(resource);
  }).not.toThrow();
  expect(await entries(watch)).toEqual([]);
  expect(await entries({ ...watch, role: 'hospital', clientId: undefined })).toEqual([]);
});

test('a batch sent again stores nothing, also at the same time; another under its key is refused', async () => {
  const before = (await entries()).length;
  const batch = [pulse(70), pulse(71)];
  const answers = await Promise.all([1, 2, 3].map(() => done(contribute(watch, 'noon', batch))));
  expect(answers.filter(({ stored }) => stored === true)).toHaveLength(1);
  expect(new Set(answers.map((one) => JSON.stringify(one['entries']))).size).toBe(1);
  expect(await done(contribute(watch, 'noon', batch))).toMatchObject({ stored: false });
  expect(codesOf(await contribute(watch, 'noon', [pulse(72)]))).toEqual(['CONTRIBUTION_EXISTS']);
  expect(await entries()).toHaveLength(before + 2);
});

test('a batch with one wrong element is refused whole, naming the element', async () => {
  const before = (await entries()).length;
  const refusals: [object, string, RegExp][] = [
    [pulse(1, { status: 'done' }), 'FHIR_INVALID', /resources\[1\].*Observation\.status/],
    [
      pulse(1, { subject: { reference: `Patient/${stranger}` } }),
      'FHIR_INVALID',
      /resources\[1\].*Observation\.subject\.reference/,
    ],
    // An identifier is nothing that a device may try out.
    [
      pulse(1, { subject: { reference: 'Patient/MRN-1' } }),
      'FHIR_INVALID',
      /resources\[1\].*Observation\.subject/,
    ],
    [
      { resourceType: 'MedicationStatement', status: 'active' },
      'CONTRIBUTION_NOT_COVERED',
      /resources\[1\]: .*MedicationStatement/,
    ],
  ];
  for (const [wrong, code, message] of refusals) {
    const answer = await contribute(watch, 'evening', [pulse(80), wrong]);
    expect(codesOf(answer)).toEqual([code]);
    expect(answer.errors?.[0]?.message).toMatch(message);
  }
  expect(codesOf(await contribute(watch, 'evening', []))).toEqual(['BAD_USER_INPUT']);
  expect(codesOf(await contribute(watch, '', [pulse(80)]))).toEqual(['BAD_USER_INPUT']);
  expect(codesOf(await contribute(watch, 'evening', [pulse(80)], { source: 'Ada Lovelace' }))).toEqual([
    'BAD_USER_INPUT',
  ]);
  expect(await entries()).toHaveLength(before);
});

test('a program of a third party writes the types and categories that the patient named', async () => {
  await authorize({
    application: 'pharmacy',
    kind: 'APPLICATION',
    category: ['MEDICATION'],
    resourceType: ['MedicationStatement'],
  });
  const statement = {
    resourceType: 'MedicationStatement',
    status: 'active',
    medicationCodeableConcept: { text: 'Aspirin' },
    subject: { reference: `Patient/${id}` },
  };
  await done(contribute(pharmacy, 'k', [statement]));
  expect((await entries()).map((one) => one['provenance'])).toContainEqual(
    expect.objectContaining({
      agent: { kind: 'APPLICATION', id: 'pharmacy' },
      method: 'CONTRIBUTED',
      trust: 'SUBSTANTIAL',
    }),
  );
  expect(codesOf(await contribute(pharmacy, 'l', [pulse(60)]))).toEqual(['CONTRIBUTION_NOT_COVERED']);
  // The type is open, the category is not: the ledger refuses it.
  await authorize({ application: 'pharmacy', kind: 'APPLICATION', category: ['ALLERGY'] });
  expect(codesOf(await contribute(pharmacy, 'm', [statement]))).toEqual(['CONTRIBUTION_NOT_COVERED']);
  const answer = await graph.ask('records', patient, '{ contributors { application kind active } }');
  expect(answer.data?.['contributors']).toEqual([
    { application: 'pharmacy', kind: 'APPLICATION', active: true },
    { application: 'watch', kind: 'DEVICE', active: true },
  ]);
});

test('whom the patient has granted access reads what a device brings afterwards', async () => {
  await done(
    mutate(
      patient,
      'offerAccess',
      { grantee: 'insurer-a', provision: { purpose: ['COVAUTH'], category: ['OBSERVATION'] } },
      'consent { id }',
    ),
  );
  const { entries: ids } = await done(contribute(watch, 'granted', [pulse(90)]));
  const [entry] = ids as [string];
  const answer = await graph.ask(
    'records',
    insurer,
    'query($id: ID!) { entry(id: $id) { resource(purpose: COVAUTH) provenance { trust agent { id } } } }',
    { id: entry },
  );
  expect(answer.data?.['entry']).toMatchObject({
    resource: { valueQuantity: { value: 90 } },
    provenance: { trust: 'SUBSTANTIAL', agent: { id: 'watch' } },
  });
});

test('a contributor may do nothing else, and nobody else contributes', async () => {
  for (const [name, input, fields] of [
    ['proposeEntries', { patient: id, resources: [pulse(1)] }, 'entries { id }'],
    ['importEntries', { patient: id, resources: [pulse(1)] }, 'outcomes { index }'],
    ['addPersonalEntries', { resources: [pulse(1)] }, 'entries { id }'],
    [
      'authorizeContributor',
      { institution: 'hospital-b', application: 'watch', kind: 'DEVICE' },
      'transaction { id }',
    ],
    ['requestAccess', { patient: id, provision: { purpose: ['TREAT'] } }, 'consent { id }'],
  ] as const)
    expect([name, codesOf(await mutate(watch, name, input, fields))]).toEqual([name, ['FORBIDDEN']]);
  for (const person of [patient, hospital, { ...watch, clientId: undefined, institution: undefined }])
    expect(codesOf(await contribute(person, 'k', [pulse(1)]))).toEqual(['FORBIDDEN']);
  expect(codesOf(await graph.ask('records', watch, '{ contributors { application } }'))).toEqual([
    'FORBIDDEN',
  ]);
});

test('a flood is refused with a time to come back', async () => {
  const flood = Array.from({ length: 250 }, () => ({ resourceType: 'Observation' }));
  const codes: string[] = [];
  for (let sent = 0; sent < 6; sent += 1) codes.push(...codesOf(await contribute(watch, 'flood', flood)));
  expect(codes.slice(-2)).toEqual(['RATE_LIMITED', 'RATE_LIMITED']);
});

test('what the patient ended is over at once', async () => {
  await authorize({ application: 'pharmacy', kind: 'APPLICATION', active: false });
  expect(codesOf(await contribute(pharmacy, 'k', [pulse(1)]))).toEqual(['PATIENT_NOT_FOUND']);
});

test('resources are filed for whom they are about, on every way in', async () => {
  await done(mutate(patient, 'authorizeStorage', { institutions: ['hospital-a'] }, 'transaction { id }'));
  const about = (reference: string) => pulse(1, { subject: { reference } });
  for (const reference of [`Patient/${id}`, 'Patient/MRN-1', 'https://fhir.example/Patient/MRN-1'])
    await done(
      mutate(hospital, 'proposeEntries', { patient: id, resources: [about(reference)] }, 'entries { id }'),
    );
  await done(
    mutate(
      hospital,
      'proposeEntries',
      { patient: id, resources: [about('Patient/7')], knownAs: ['Patient/7'] },
      'entries { id }',
    ),
  );
  for (const reference of [`Patient/${stranger}`, 'Patient/MRN-2', 'Patient/7', 'urn:uuid:7'])
    for (const [person, name, input] of [
      [hospital, 'proposeEntries', { patient: id }],
      [patient, 'addPersonalEntries', {}],
    ] as const) {
      const answer = await mutate(
        person,
        name,
        { ...input, resources: [pulse(1), about(reference)] },
        'entries { id }',
      );
      expect(codesOf(answer)).toEqual(['FHIR_INVALID']);
      expect(answer.errors?.[0]?.message).toMatch(/resources\[1\].*Observation\.subject\.reference/);
    }
});

test('what an institution brings says so', async () => {
  await done(
    mutate(
      hospital,
      'importEntries',
      { patient: id, source: 'old-system', resources: [pulse(55)] },
      'outcomes { status }',
    ),
  );
  const proposed = await entries(hospital);
  const provenances = proposed.map((one) => one['provenance']);
  const agent = { kind: 'INSTITUTION', id: 'hospital-a' };
  expect(provenances).toContainEqual(
    expect.objectContaining({ agent, method: 'IMPORTED', source: 'old-system', trust: 'HIGH' }),
  );
  expect(provenances).toContainEqual(
    expect.objectContaining({ agent, method: 'ENTERED', source: null, trust: 'HIGH' }),
  );
});
