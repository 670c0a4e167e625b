import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Answer, LiveGraph, type Person } from './live-graph.js';

const hospital: Person = { role: 'hospital', mspId: 'HospitalAMSP', institution: 'hospital-a' };
const registrar: Person = { role: 'operator', mspId: 'PatientsMSP' };
const ada = {
  resourceType: 'Patient',
  name: [{ use: 'official', family: 'Ng', given: ['Ada'] }],
  birthDate: '1980-02-03',
};

let graph: LiveGraph;
let patient: Person;

const dataOf = (answer: Answer): Record<string, unknown> => {
  expect(answer.errors).toBeUndefined();
  return answer.data ?? {};
};
const codeOf = (answer: Answer): string | undefined => answer.errors?.[0]?.extensions.code;

const register = (input: object) =>
  graph.ask(
    'patients',
    hospital,
    'mutation($input: RegisterPatientInput!) { registerPatient(input: $input) { patient { id } transaction { id } } }',
    { input },
  );
const rotate = (person: Person) =>
  graph.ask('patients', person, 'mutation { rotateKeys { patient { id active } transaction { id } } }');
const deactivate = (person: Person, input: object = {}) =>
  graph.ask(
    'patients',
    person,
    'mutation($input: DeactivatePatientInput!) { deactivatePatient(input: $input) { patient { id active } } }',
    { input },
  );
const nameOf = (person: Person) =>
  graph.ask(
    'records',
    person,
    'query($of: [_Any!]!) { _entities(representations: $of) { ... on Patient { name birthDate } } }',
    { of: [{ __typename: 'Patient', id: person.patient }] },
  );
const authorize = (person: Person) =>
  graph.ask(
    'records',
    person,
    'mutation { authorizeStorage(input: { institutions: ["hospital-a"], active: true }) { transaction { id } } }',
  );

beforeAll(async () => {
  graph = await LiveGraph.start();
  const made = `mutation { registerInstitution(input: { id: "hospital-a", name: "A", kind: HOSPITAL }) { institution { id } } }`;
  dataOf(await graph.ask('patients', { role: 'operator', mspId: 'HospitalAMSP' }, made));
}, 120_000);

afterAll(async () => {
  await graph.close();
});

test('a patient is registered with who they are, once however often it is asked', async () => {
  const input = { identifier: 'MRN-1', demographics: ada, idempotencyKey: 'desk-1' };
  const first = dataOf(await register(input));
  expect(dataOf(await register(input))).toEqual(first);
  const { id } = (first['registerPatient'] as { patient: { id: string } }).patient;
  patient = { role: 'patient', mspId: 'PatientsMSP', patient: id };
  expect(dataOf(await nameOf(patient))).toEqual({ _entities: [{ name: 'Ada Ng', birthDate: '1980-02-03' }] });
  expect(codeOf(await register({ identifier: 'MRN-1' }))).toBe('PATIENT_EXISTS');
});

test('who they are is the patient’s: whoever registered them does not read it', async () => {
  const answer = await graph.ask(
    'records',
    hospital,
    'query($of: [_Any!]!) { _entities(representations: $of) { ... on Patient { name } } }',
    { of: [{ __typename: 'Patient', id: patient.patient }] },
  );
  expect(JSON.stringify(answer)).not.toContain('Ng');
});

test.each([
  [{ identifier: 'MRN-2', demographics: { resourceType: 'Observation' } }, 'FHIR_INVALID'],
  [{ identifier: 'MRN-2', demographics: { resourceType: 'Patient', birthDate: 'soon' } }, 'FHIR_INVALID'],
  [{ identifier: 'MRN-2', demographics: { resourceType: 'Basic', code: { text: 'x' } } }, 'BAD_USER_INPUT'],
  [{ identifier: 'MRN-2', idempotencyKey: '' }, 'BAD_USER_INPUT'],
])('%j registers nobody: %s', async (input, code) => {
  expect(codeOf(await register(input))).toBe(code);
  const found = await graph.ask('patients', hospital, '{ patients { nodes { id } } }');
  expect(found.data).toEqual({ patients: { nodes: [] } });
});

test('kept keys are rotated: the patient acts on, reads on, and is told', async () => {
  const subscriber = await graph.subscriber('patients', patient);
  const events = subscriber.iterate({ query: 'subscription { patientChanged { event patient { id } } }' });
  const told = events.next();
  const before = await authorize(patient);
  expect(before.errors).toBeUndefined();
  expect(dataOf(await rotate(patient))).toMatchObject({
    rotateKeys: { patient: { id: patient.patient, active: true } },
  });
  dataOf(await authorize(patient));
  // Sealed for the key that was followed.
  expect(dataOf(await nameOf(patient))).toMatchObject({ _entities: [{ name: 'Ada Ng' }] });
  expect((await told).value).toMatchObject({
    data: { patientChanged: { event: 'KeyRotated', patient: { id: patient.patient } } },
  });
  await events.return?.();
  expect(codeOf(await rotate(hospital))).toBe('FORBIDDEN');
});

test.each([
  ['patients', 'rotateKeys { transaction { id } }'],
  ['patients', 'deactivatePatient(input: {}) { transaction { id } }'],
  ['patients', 'nameGuardians(input: { guardians: ["x"], threshold: 1, waitingDays: 1 }) { guardians }'],
  ['patients', 'approveRecovery(input: { patient: "x", signer: "x" }) { transaction { id } }'],
  ['consent', 'delegateAccess(input: { person: "x", relationship: GUARD, acts: [] }) { transaction { id } }'],
  ['consent', 'breakGlass(input: { patient: "x", purpose: BTG, reason: "x" }) { transaction { id } }'],
  ['records', 'eraseEntry(input: { entry: "x" }) { transaction { id } }'],
])(
  'whoever signed in with a password alone is asked for more, at the subgraph too: %s, %s',
  async (name, operation) => {
    const answer = await graph.ask(name, { ...patient, passwordAlone: true }, `mutation { ${operation} }`);
    expect(codeOf(answer)).toBe('STEP_UP_REQUIRED');
  },
);

test('rotations at once come to the same keys', async () => {
  const answers = await Promise.all([rotate(patient), rotate(patient), rotate(patient)]);
  const done = answers.filter(({ errors }) => errors === undefined);
  expect(done.length).toBeGreaterThan(0);
  dataOf(await authorize(patient));
});

test('a registration is ended by the patient or by who enrolled them, and by nobody else', async () => {
  const named = { patient: patient.patient };
  expect(codeOf(await deactivate(hospital, named))).toBe('FORBIDDEN');
  expect(codeOf(await deactivate({ role: 'operator', mspId: 'HospitalAMSP' }, named))).toBe('FORBIDDEN');
  expect(codeOf(await deactivate(patient, { patient: 'f'.repeat(40) }))).toBe('FORBIDDEN');
  expect(codeOf(await deactivate(registrar))).toBe('FORBIDDEN');
  expect(dataOf(await deactivate(registrar, named))).toEqual({
    deactivatePatient: { patient: { id: patient.patient, active: false } },
  });
  expect(codeOf(await authorize(patient))).toBe('CALLER_FORBIDDEN');
  expect(codeOf(await rotate(patient))).toBe('CALLER_FORBIDDEN');
});
