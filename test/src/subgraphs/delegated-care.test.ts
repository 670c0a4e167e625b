import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { haemoglobin } from '@medigraph/launcher';
import { type Answer, LiveGraph, type Person } from './live-graph.js';

const hospital: Person = { role: 'hospital', mspId: 'HospitalAMSP', institution: 'hospital-a' };
const registrar: Person = { role: 'operator', mspId: 'PatientsMSP' };
const subgraphs = ['patients', 'records', 'consent'] as const;

let graph: LiveGraph;
let parent: Person;
let stranger: Person;

const codeOf = ({ errors }: Answer): string | undefined => errors?.[0]?.extensions.code;

/** Does one thing; every subgraph then has the block of its transaction. */
async function does(
  subgraph: string,
  person: Person,
  name: string,
  input: object,
  fields = '',
): Promise<Record<string, unknown>> {
  const answer = await asks(subgraph, person, name, input, fields);
  expect(answer.errors).toBeUndefined();
  const payload = answer.data?.[name] as Record<string, unknown> & { transaction: { block: number } };
  for (const one of subgraphs) await graph.subgraph(one).projector.reached('care', payload.transaction.block);
  return payload;
}
const asks = (subgraph: string, person: Person, name: string, input: object, fields = '') =>
  graph.ask(
    subgraph,
    person,
    `mutation($input: ${name === 'revokeAccess' ? 'EndConsent' : `${name.charAt(0).toUpperCase()}${name.slice(1)}`}Input!) {
      ${name}(input: $input) { ${fields} transaction { block } } }`,
    { input },
  );

async function register(identifier: string, more: object = {}): Promise<Person> {
  const { patient } = await does(
    'patients',
    hospital,
    'registerPatient',
    { identifier, ...more },
    'patient { id }',
  );
  return { role: 'patient', mspId: 'PatientsMSP', patient: (patient as { id: string }).id };
}

/** What the hospital writes about a patient. */
async function propose(patient: Person, count = 1): Promise<string[]> {
  const { entries } = await does(
    'records',
    hospital,
    'proposeEntries',
    {
      patient: patient.patient,
      resources: Array.from({ length: count }, () => haemoglobin(patient.patient ?? '')),
    },
    'entries { id }',
  );
  return (entries as { id: string }[]).map(({ id }) => id);
}

/** The type of the resource that a person reads, or the code of the refusal, or null if there is nothing for them. */
async function reads(person: Person, id: string | undefined): Promise<string | null> {
  const answer = await graph.ask('records', person, 'query($id: ID!) { entry(id: $id) { resource } }', {
    id,
  });
  const found = answer.data?.['entry'] as { resource: { resourceType: string } | null } | null;
  return codeOf(answer) ?? found?.resource?.resourceType ?? null;
}

const nameOf = async (person: Person, patient: Person): Promise<unknown> => {
  const { data } = await graph.ask(
    'records',
    person,
    'query($of: [_Any!]!) { _entities(representations: $of) { ... on Patient { name } } }',
    { of: [{ __typename: 'Patient', id: patient.patient }] },
  );
  return (data?.['_entities'] as [{ name: string | null } | null])[0]?.name ?? null;
};

beforeAll(async () => {
  graph = await LiveGraph.start();
  await does('patients', { role: 'operator', mspId: 'HospitalAMSP' }, 'registerInstitution', {
    id: 'hospital-a',
    name: 'A',
    kind: 'HOSPITAL',
  });
  parent = await register('MRN-parent');
  stranger = await register('MRN-stranger');
}, 120_000);

afterAll(async () => {
  await graph.close();
});

test('a hospital registers a newborn with a parent, who reads and decides from the first moment', async () => {
  const child = await register('MRN-newborn', {
    demographics: { resourceType: 'Patient', name: [{ text: 'Baby Ng' }], birthDate: '2026-11-20' },
    delegate: { person: parent.patient, relationship: 'PRN', acts: ['DECIDE', 'AUTHORIZE'] },
  });
  expect(await nameOf(parent, child)).toBe('Baby Ng');
  expect(await nameOf(stranger, child)).toBeNull();
  const onBehalfOf = child.patient;
  const storage = { institutions: ['hospital-a'], onBehalfOf };
  expect(codeOf(await asks('records', stranger, 'authorizeStorage', storage))).toBe('CALLER_FORBIDDEN');
  await does('records', parent, 'authorizeStorage', storage);
  const entries = await propose(child);
  expect(await reads(stranger, entries[0])).toBeNull();
  // It is there for the parent, who has no key of it before it is authorised.
  expect(await reads(parent, entries[0])).toBe('ENTRY_NOT_FOUND');
  const refused = await asks('records', stranger, 'authorizeEntries', { entries, onBehalfOf });
  expect(codeOf(refused)).toBe('ENTRY_NOT_FOUND');
  await does('records', parent, 'authorizeEntries', { entries, onBehalfOf });
  expect(await reads(parent, entries[0])).toBe('Observation');
  expect(await reads(stranger, entries[0])).toBeNull();
  const audit = await graph.ask(
    'consent',
    child,
    '{ consents { nodes { id grantor granteePerson { id } delegation { relationship acts } } } }',
  );
  expect(audit.data).toEqual({
    consents: {
      nodes: [
        {
          id: expect.any(String),
          grantor: 'PatientsMSP',
          granteePerson: { id: parent.patient },
          delegation: { relationship: 'PRN', acts: ['DECIDE', 'AUTHORIZE'] },
        },
      ],
    },
  });
  const [{ id: consent }] = (audit.data?.['consents'] as { nodes: [{ id: string }] }).nodes;
  await does('consent', child, 'revokeAccess', { consent });
  expect(await reads(parent, entries[0])).toBeNull();
}, 60_000);

test('whom the organisation that enrolled a patient appoints gets the keys of what there is', async () => {
  const patient = await register('MRN-ward');
  await does('records', patient, 'authorizeStorage', { institutions: ['hospital-a'] });
  const entries = await propose(patient, 2);
  await does('records', patient, 'authorizeEntries', { entries });
  const input = {
    patient: patient.patient,
    person: parent.patient,
    relationship: 'GUARD',
    acts: ['DECIDE'],
    provision: { purpose: ['PATRQT'], data: [entries[0]] },
  };
  const foreign: Person[] = [hospital, { ...registrar, mspId: 'HospitalAMSP' }, patient, stranger];
  for (const person of foreign)
    expect(codeOf(await asks('consent', person, 'appointDelegate', input))).toBe('FORBIDDEN');
  const weak = { ...registrar, passwordAlone: true };
  expect(codeOf(await asks('consent', weak, 'appointDelegate', input))).toBe('STEP_UP_REQUIRED');
  const { consent } = await does('consent', registrar, 'appointDelegate', input, 'consent { id grantor }');
  expect(consent).toMatchObject({ grantor: 'PatientsMSP' });
  expect(await reads(parent, entries[0])).toBe('Observation');
  expect(await reads(parent, entries[1])).toBeNull();
  // To decide is not to authorise.
  const [waiting = ''] = await propose(patient);
  const refused = await asks('records', parent, 'authorizeEntries', {
    entries: [waiting],
    onBehalfOf: patient.patient,
  });
  expect(codeOf(refused)).toBe('ENTRY_NOT_FOUND');
  // The platform reads in the patient's name, and the trail has what was opened, by whom it was.
  const trail = await graph.ask(
    'consent',
    patient,
    `query($of: [_Any!]!) { _entities(representations: $of) { ... on Patient {
      openings { nodes { person { id } purpose } } } } }`,
    { of: [{ __typename: 'Patient', id: patient.patient }] },
  );
  expect(trail.data).toEqual({
    _entities: [{ openings: { nodes: [{ person: { id: parent.patient }, purpose: 'PATRQT' }] } }],
  });
}, 60_000);
