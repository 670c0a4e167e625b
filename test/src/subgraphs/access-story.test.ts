import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../system/eventually.js';
import { type Answer, LiveGraph, type Person } from './live-graph.js';

const operator = (mspId: string): Person => ({ role: 'operator', mspId });
const hospital: Person = { role: 'hospital', mspId: 'HospitalAMSP', institution: 'hospital-a' };
const otherHospital: Person = { role: 'hospital', mspId: 'HospitalBMSP', institution: 'hospital-b' };
const regulator: Person = { role: 'regulator', mspId: 'RegulatorMSP', institution: 'regulator' };
const insurer: Person = { role: 'insurer', mspId: 'InsurerAMSP', institution: 'insurer-a' };
const doctor: Person = { ...otherHospital, role: 'practitioner', practitioner: 'dr-b' };
const colleague: Person = { ...otherHospital, role: 'practitioner', practitioner: 'dr-c' };

let graph: LiveGraph;
let patient: Person;
let guardian: Person;
let entries: string[];

const codesOf = ({ errors = [] }: Answer): string[] => errors.map(({ extensions }) => extensions.code);
const subgraphs = ['patients', 'records', 'consent'] as const;

/** Asks for one field and takes it; every subgraph then has the block of a transaction that it did. */
async function done(
  subgraph: string,
  person: Person,
  query: string,
  variables: object = {},
): Promise<Record<string, unknown>> {
  const answer = await graph.ask(subgraph, person, query, variables);
  expect(answer.errors).toBeUndefined();
  const [payload] = Object.values(answer.data ?? {}) as Record<string, unknown>[];
  const { block } = (payload?.['transaction'] ?? { block: 0 }) as { block: number };
  for (const name of subgraphs) await graph.subgraph(name).projector.reached('care', block);
  return payload ?? {};
}
/** Inputs that do not bear the name of their mutation. */
const inputTypes: Readonly<Record<string, string>> = {
  refuseAccess: 'OfferAccessInput',
  revokeAccess: 'EndConsentInput',
};
function mutate(
  subgraph: string,
  person: Person,
  name: string,
  input: object,
  fields = '',
): Promise<Record<string, unknown>> {
  const type = inputTypes[name] ?? `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation($input: ${type}!) { ${name}(input: $input) { ${fields} transaction { block } } }`;
  return done(subgraph, person, query, { input });
}
async function decide(person: Person, name: string, input: object): Promise<string> {
  const { consent } = await mutate('consent', person, name, input, 'consent { id }');
  return (consent as { id: string }).id;
}

/** What a person reads of an entry: the resource, or the code of the refusal, or null if it is not there for them. */
async function read(person: Person, id: string | undefined, purpose: string): Promise<unknown> {
  const answer = await graph.ask(
    'records',
    person,
    'query($id: ID!, $purpose: PurposeOfUse) { entry(id: $id) { resource(purpose: $purpose) } }',
    { id, purpose },
  );
  const [code] = codesOf(answer);
  return code ?? (answer.data?.['entry'] as { resource: object } | null)?.resource ?? null;
}

const observation = (value: number) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'Heart rate' },
  effectiveDateTime: '2026-03-01',
  valueQuantity: { value, unit: '/min' },
});

async function registerPatient(identifier: string): Promise<Person> {
  const { patient: made } = await mutate(
    'patients',
    hospital,
    'registerPatient',
    { identifier },
    'patient { id }',
  );
  return { role: 'patient', mspId: 'PatientsMSP', patient: (made as { id: string }).id };
}

beforeAll(async () => {
  graph = await LiveGraph.start();
  for (const [{ mspId, institution: id }, kind] of [
    [hospital, 'HOSPITAL'],
    [otherHospital, 'HOSPITAL'],
    [insurer, 'INSURER'],
    [regulator, 'REGULATOR'],
  ] as const)
    await mutate('patients', operator(mspId), 'registerInstitution', { id, name: `The ${id ?? ''}`, kind });
  for (const id of ['dr-b', 'dr-c'])
    await mutate('patients', otherHospital, 'registerPractitioner', {
      id,
      name: id,
      institution: 'hospital-b',
    });
  patient = await registerPatient('MRN-1');
  guardian = await registerPatient('MRN-2');
  await mutate('records', patient, 'authorizeStorage', { institutions: ['hospital-a'] });
  const proposed = await mutate(
    'records',
    hospital,
    'proposeEntries',
    { patient: patient.patient, resources: [observation(71), observation(72)] },
    'entries { id }',
  );
  entries = (proposed['entries'] as { id: string }[]).map(({ id }) => id);
  await mutate('records', patient, 'authorizeEntries', { entries });
}, 120_000);

afterAll(async () => {
  await graph.close();
});

test('a patient opens one entry to one doctor, whom nobody asked, and the ledger names who opened it', async () => {
  const consent = await decide(patient, 'offerAccess', {
    grantee: 'hospital-b',
    provision: { purpose: ['TREAT'], actor: { kind: 'PRACTITIONER', id: 'dr-b' }, data: [entries[0]] },
  });
  expect(await read(doctor, entries[0], 'TREAT')).toEqual(observation(71));
  expect(await read(doctor, entries[1], 'TREAT')).toBeNull();
  for (const person of [colleague, otherHospital, insurer])
    expect(await read(person, entries[0], 'TREAT')).toBeNull();
  const audit = await graph.ask(
    'consent',
    patient,
    `query($id: ID!) { _entities(representations: [{ __typename: "Patient", id: $id }]) { ... on Patient {
      auditEvents(first: 1) { nodes { event action institution { id } by { id } purposeOfEvent entries { consent { id } } } } } } }`,
    { id: patient.patient },
  );
  expect(audit.data).toMatchObject({
    _entities: [
      {
        auditEvents: {
          nodes: [
            {
              event: 'EntryOpened',
              action: 'R',
              institution: { id: 'hospital-b' },
              by: { id: 'dr-b' },
              purposeOfEvent: ['TREAT'],
              entries: [{ consent: { id: consent } }],
            },
          ],
        },
      },
    ],
  });
  await decide(patient, 'refuseAccess', { grantee: 'hospital-b', provision: { purpose: ['TREAT'] } });
  expect(await read(doctor, entries[0], 'TREAT')).toBeNull();
});

const breakGlass = (person: Person) =>
  graph.ask(
    'consent',
    person,
    `mutation($input: BreakGlassInput!) { breakGlass(input: $input) {
      emergencyAccess { id custodian { id } expiresAt consent { basis } } transaction { block } } }`,
    { input: { patient: patient.patient, purpose: 'ETREAT', reason: 'found unconscious', minutes: 30 } },
  );

test('in an emergency a doctor reads what the patient let a custodian keep keys of, and the patient is told at once', async () => {
  expect(codesOf(await breakGlass(doctor))).toEqual(['EMERGENCY_NOT_PERMITTED']);
  await decide(patient, 'offerAccess', {
    grantee: 'regulator',
    provision: { purpose: ['BTG', 'ETREAT'], action: 'DISCLOSE', data: [entries[1]] },
  });
  expect(await read(regulator, entries[1], 'ETREAT')).toBeNull();
  const client = await graph.subscriber('consent', patient);
  const events = client.iterate({
    query: 'subscription { emergencyAccessChanged { event emergencyAccess { reason institution { id } } } }',
  });
  const told = events.next();
  // An answer over the same connection says that the subscription before it was taken.
  await client.iterate({ query: '{ __typename }' }).next();
  const broken = await breakGlass(doctor);
  expect(broken.errors).toBeUndefined();
  const { emergencyAccess, transaction } = broken.data?.['breakGlass'] as {
    emergencyAccess: { id: string };
    transaction: { block: number };
  };
  expect((await told).value).toMatchObject({
    data: {
      emergencyAccessChanged: {
        event: 'GlassBroken',
        emergencyAccess: { reason: 'found unconscious', institution: { id: 'hospital-b' } },
      },
    },
  });
  await graph.subgraph('records').projector.reached('care', transaction.block);
  const resource = await eventually(
    'the custodian discloses',
    () => read(doctor, entries[1], 'ETREAT'),
    (found) => typeof found === 'object',
  );
  expect(resource).toEqual(observation(72));
  expect(await read(doctor, entries[0], 'ETREAT')).toBeNull();
  expect(await read(colleague, entries[1], 'ETREAT')).toBeNull();
  const unreviewed = async (person: Person): Promise<unknown> =>
    (await graph.ask('consent', person, '{ emergencyAccesses(reviewed: false) { nodes { id disclosed } } }'))
      .data?.['emergencyAccesses'];
  for (const person of [patient, otherHospital, regulator])
    expect(await unreviewed(person)).toEqual({ nodes: [{ id: emergencyAccess.id, disclosed: 1 }] });
  for (const person of [hospital, insurer, guardian]) expect(await unreviewed(person)).toEqual({ nodes: [] });
  const review = `mutation($input: ReviewEmergencyAccessInput!) { reviewEmergencyAccess(input: $input) {
    emergencyAccess { review { outcome organization } } } }`;
  const input = { emergencyAccess: emergencyAccess.id, outcome: 'JUSTIFIED', comment: 'as described' };
  expect(codesOf(await graph.ask('consent', doctor, review, { input }))).toEqual(['CALLER_FORBIDDEN']);
  expect((await graph.ask('consent', regulator, review, { input })).data).toEqual({
    reviewEmergencyAccess: {
      emergencyAccess: { review: { outcome: 'JUSTIFIED', organization: 'RegulatorMSP' } },
    },
  });
  expect(await unreviewed(regulator)).toEqual({ nodes: [] });
  await decide(patient, 'revokeAccess', { consent: emergencyAccess.id });
  expect(await read(doctor, entries[1], 'ETREAT')).toBeNull();
});

test('a guardian reads and decides in the patient’s name until that is revoked', async () => {
  expect(await read(guardian, entries[0], 'PATRQT')).toBeNull();
  const delegation = await decide(patient, 'delegateAccess', {
    person: guardian.patient,
    relationship: 'GUARD',
    acts: ['DECIDE'],
  });
  expect(await read(guardian, entries[0], 'PATRQT')).toEqual(observation(71));
  const consent = await decide(insurer, 'requestAccess', {
    patient: patient.patient,
    provision: { purpose: ['COVAUTH'] },
  });
  const pending = await graph.ask('consent', guardian, '{ consents(status: DRAFT) { nodes { id } } }');
  expect(pending.data).toEqual({ consents: { nodes: [{ id: consent }] } });
  await decide(guardian, 'grantAccess', { consent, onBehalfOf: patient.patient });
  expect(await read(insurer, entries[0], 'COVAUTH')).toEqual(observation(71));
  const audit = await graph.ask(
    'consent',
    guardian,
    `query($id: ID!) { _entities(representations: [{ __typename: "Patient", id: $id }]) { ... on Patient {
      auditEvents { nodes { event person { id } } } } } }`,
    { id: patient.patient },
  );
  const [{ auditEvents }] = audit.data?.['_entities'] as [{ auditEvents: { nodes: object[] } }];
  expect(auditEvents.nodes).toContainEqual({ event: 'ConsentGranted', person: { id: guardian.patient } });
  await decide(patient, 'revokeAccess', { consent: delegation });
  expect(await read(guardian, entries[0], 'PATRQT')).toBeNull();
  const again = await graph.ask(
    'consent',
    guardian,
    'mutation($input: EndConsentInput!) { revokeAccess(input: $input) { consent { id } } }',
    { input: { consent, onBehalfOf: patient.patient } },
  );
  expect(codesOf(again)).toEqual(['CALLER_FORBIDDEN']);
});

test('a stream over one patient ends as the last consent runs out, with nothing happening', async () => {
  const offered = async (seconds: number): Promise<string> =>
    decide(patient, 'offerAccess', {
      grantee: 'insurer-a',
      period: { end: new Date(Date.now() + seconds * 1000).toISOString() },
      provision: { purpose: ['HPAYMT'] },
    });
  await decide(patient, 'revokeAccess', { consent: await standing(insurer) });
  await offered(8);
  const client = await graph.subscriber('records', insurer);
  const events = client.iterate({
    query: 'subscription($patient: ID) { entryChanged(patient: $patient) { cursor } }',
    variables: { patient: patient.patient },
  });
  await expect(events.next()).rejects.toMatchObject([{ extensions: { code: 'ACCESS_ENDED' } }]);
});

/** The one consent that a grantee has. */
async function standing(person: Person): Promise<string> {
  const { data } = await graph.ask('consent', person, '{ consents(status: ACTIVE) { nodes { id } } }');
  const [consent] = (data?.['consents'] as { nodes: { id: string }[] }).nodes;
  return consent?.id ?? '';
}
