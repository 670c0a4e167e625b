import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { haemoglobin } from '@medigraph/launcher';
import { eventually } from '../system/eventually.js';
import { type Answer, LiveGraph, type Person } from './live-graph.js';

const hospital: Person = { role: 'hospital', mspId: 'HospitalAMSP', institution: 'hospital-a' };
const otherHospital: Person = { role: 'hospital', mspId: 'HospitalBMSP', institution: 'hospital-b' };
const insurer: Person = { role: 'insurer', mspId: 'InsurerAMSP', institution: 'insurer-a' };
const regulator: Person = { role: 'regulator', mspId: 'RegulatorMSP', institution: 'regulator' };
const doctor: Person = { ...otherHospital, role: 'practitioner', practitioner: 'dr-b' };

let graph: LiveGraph;
let patient: Person;
let guardian: Person;
let application: Person;
/** Every consent by whom it lets read. */
const consents = new Map<string, string>();

/** Does one thing; every subgraph then has the block of its transaction. */
async function does(
  subgraph: string,
  person: Person,
  name: string,
  input: object,
  fields = '',
): Promise<Record<string, unknown>> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const answer = await graph.ask(
    subgraph,
    person,
    `mutation($input: ${type}!) { ${name}(input: $input) { ${fields} transaction { block } } }`,
    { input },
  );
  expect(answer.errors).toBeUndefined();
  const payload = answer.data?.[name] as Record<string, unknown> & { transaction: { block: number } };
  for (const one of ['patients', 'records', 'consent'])
    await graph.subgraph(one).projector.reached('care', payload.transaction.block);
  return payload;
}
const idOf = (thing: unknown): string => (thing as { id: string }).id;

async function register(identifier: string): Promise<Person> {
  const made = await does('patients', hospital, 'registerPatient', { identifier }, 'patient { id }');
  return { role: 'patient', mspId: 'PatientsMSP', patient: idOf(made['patient']) };
}

/** An entry of the hospital's, which the patient has authorised. */
async function recorded(): Promise<string> {
  const id = await proposed();
  await does('records', patient, 'authorizeEntries', { entries: [id] });
  return id;
}
async function proposed(): Promise<string> {
  const { entries } = await does(
    'records',
    hospital,
    'proposeEntries',
    { patient: patient.patient, resources: [haemoglobin(patient.patient ?? '')] },
    'entries { id }',
  );
  return idOf((entries as unknown[])[0]);
}

const isRead = ({ data, errors }: Answer): boolean =>
  errors === undefined && JSON.stringify(data).includes('Observation');
const ask = (person: Person, id: string, purpose?: string): Promise<Answer> =>
  graph.ask(
    'records',
    person,
    'query($id: ID!, $purpose: PurposeOfUse) { entry(id: $id) { resource(purpose: $purpose) } }',
    { id, purpose },
  );

/** A query of the graph, until it answers: an emergency's keys come a moment later. */
async function reads(person: Person, purpose?: string): Promise<string> {
  const id = await recorded();
  await eventually('the entry is read', () => ask(person, id, purpose), isRead);
  return id;
}

async function byReference(person: Person): Promise<string> {
  const id = await recorded();
  const answer = await graph.ask(
    'records',
    person,
    'query($of: [_Any!]!) { _entities(representations: $of) { ... on Entry { resource } } }',
    { of: [{ __typename: 'Entry', id }] },
  );
  expect(isRead(answer)).toBe(true);
  return id;
}

/** The event of the entry that is authorised, with what it says. */
async function bySubscription(person: Person): Promise<string> {
  const client = await graph.subscriber('records', person);
  const events = client.iterate<{ entryChanged: { entry: { id: string; resource: object } } }>({
    query: 'subscription { entryChanged { entry { id resource } } }',
  });
  const told = events.next();
  await client.iterate({ query: '{ __typename }' }).next();
  const id = await recorded();
  const { value } = (await told) as { value: { data: { entryChanged: { entry: { id: string } } } } };
  expect(value.data.entryChanged.entry).toMatchObject({ id, resource: { resourceType: 'Observation' } });
  return id;
}

/** A file of the patient's own. */
async function byDownload(person: Person): Promise<string> {
  const records = graph.subgraph('records').url;
  const input = { name: 'a.pdf', contentType: 'application/pdf', date: '2026-03-01', size: 4 };
  const begun = await graph.ask(
    'records',
    patient,
    'mutation($input: BeginUploadInput!) { beginUpload(input: $input) { upload { id url } } }',
    { input },
  );
  const { upload } = begun.data?.['beginUpload'] as { upload: { id: string; url: string } };
  const sent = await fetch(new URL(upload.url, records), {
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${await graph.token(patient)}`,
      'tus-resumable': '1.0.0',
      'upload-offset': '0',
      'content-type': 'application/offset+octet-stream',
    },
    body: 'file',
  });
  expect(sent.status).toBe(204);
  const { entry } = await does('records', patient, 'completeUpload', { upload: upload.id }, 'entry { id }');
  const id = idOf(entry);
  const read = await fetch(new URL(`/files/${encodeURIComponent(id)}`, records), {
    headers: { authorization: `Bearer ${await graph.token(person)}` },
  });
  expect([read.status, await read.text()]).toEqual([200, 'file']);
  return id;
}

/** As JSON: what `fetch` answers has the prototypes of another realm. */
const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

interface TrailEvent extends Record<string, unknown> {
  readonly recorded: string;
  readonly entries: readonly { readonly entry: { readonly id: string } }[];
}

async function trail(person: Person): Promise<readonly TrailEvent[]> {
  const { data, errors } = await graph.ask(
    'consent',
    person,
    `query($of: [_Any!]!) { _entities(representations: $of) { ... on Patient { auditEvents(first: 100) { nodes {
      event action recorded institution { id } by { kind id } person { id } organization purposeOfEvent reason
      entries { entry { id } consent { id } } } } } } }`,
    { of: [{ __typename: 'Patient', id: patient.patient }] },
  );
  expect(errors).toBeUndefined();
  const [found] = data?.['_entities'] as [{ auditEvents: { nodes: TrailEvent[] } } | null];
  return found?.auditEvents.nodes ?? [];
}

async function lets(name: string, mutation: string, input: object): Promise<void> {
  consents.set(name, idOf((await does('consent', patient, mutation, input, 'consent { id }'))['consent']));
}

beforeAll(async () => {
  graph = await LiveGraph.start();
  for (const [{ mspId, institution: id }, kind] of [
    [hospital, 'HOSPITAL'],
    [otherHospital, 'HOSPITAL'],
    [insurer, 'INSURER'],
    [regulator, 'REGULATOR'],
  ] as const) {
    const operator: Person = { role: 'operator', mspId };
    await does('patients', operator, 'registerInstitution', { id, name: id, kind });
  }
  await does('patients', otherHospital, 'registerPractitioner', {
    id: 'dr-b',
    name: 'Dr B',
    institution: 'hospital-b',
  });
  patient = await register('MRN-1');
  guardian = await register('MRN-2');
  application = { ...patient, scopes: ['patient/Observation.rs'] };
  await does('records', patient, 'authorizeStorage', { institutions: ['hospital-a'] });
  await lets('insurer-a', 'offerAccess', { grantee: 'insurer-a', provision: { purpose: ['COVAUTH'] } });
  await lets('dr-b', 'offerAccess', {
    grantee: 'hospital-b',
    provision: { purpose: ['TREAT'], actor: { kind: 'PRACTITIONER', id: 'dr-b' } },
  });
  await lets('guardian', 'delegateAccess', {
    person: guardian.patient,
    relationship: 'GUARD',
    acts: ['DECIDE'],
  });
  await lets('escrow', 'offerAccess', {
    grantee: 'regulator',
    provision: { purpose: ['BTG'], action: 'DISCLOSE' },
  });
}, 120_000);

afterAll(async () => {
  await graph.close();
});

async function inAnEmergency(): Promise<string> {
  const id = await recorded();
  const { emergencyAccess } = await does(
    'consent',
    doctor,
    'breakGlass',
    { patient: patient.patient, purpose: 'BTG', reason: 'found unconscious' },
    'emergencyAccess { id }',
  );
  consents.set('emergency', idOf(emergencyAccess));
  await eventually('the custodian discloses', () => ask(doctor, id, 'BTG'), isRead);
  return id;
}

const drB = { kind: 'PRACTITIONER', id: 'dr-b' };
const institution = (id: string) => ({ institution: { id }, person: null });
const person = (who: () => Person) => ({ institution: null, person: { id: who().patient } });
interface Way {
  readonly way: string;
  readonly go: () => Promise<string>;
  readonly who: () => object;
  readonly why: string;
  /** Name of the consent; absent for whose own it is. */
  readonly under?: string;
}
const ways: Way[] = [
  {
    way: 'a query',
    go: () => reads(doctor, 'TREAT'),
    who: () => ({ ...institution('hospital-b'), by: drB }),
    why: 'TREAT',
    under: 'dr-b',
  },
  {
    way: 'a reference from another subgraph',
    go: () => byReference(insurer),
    who: () => institution('insurer-a'),
    why: 'COVAUTH',
    under: 'insurer-a',
  },
  {
    way: 'a subscription',
    go: () => bySubscription(insurer),
    who: () => institution('insurer-a'),
    why: 'COVAUTH',
    under: 'insurer-a',
  },
  {
    way: 'a download',
    go: () => byDownload(insurer),
    who: () => institution('insurer-a'),
    why: 'COVAUTH',
    under: 'insurer-a',
  },
  {
    way: 'broken glass',
    go: inAnEmergency,
    who: () => ({ ...institution('hospital-b'), by: drB }),
    why: 'BTG',
    under: 'emergency',
  },
  {
    way: 'a delegation',
    go: () => reads(guardian),
    who: () => person(() => guardian),
    why: 'PATRQT',
    under: 'guardian',
  },
  {
    way: 'an application of the patient’s',
    go: () => reads(application),
    who: () => person(() => patient),
    why: 'PATRQT',
  },
  { way: 'its holder', go: () => reads(hospital), who: () => institution('hospital-a'), why: 'TREAT' },
];

test.each(ways)(
  'the trail says who read, what, when and why, by $way',
  async ({ go, who, why, under }) => {
    const began = new Date().toISOString();
    const id = await go();
    const row = await eventually(
      'the trail has it',
      async () =>
        (await trail(patient)).find(
          (event) =>
            event['event'] === 'EntryOpened' &&
            event.entries.some(({ entry }) => entry.id === id) &&
            Object.entries(who()).every(([name, value]) => same(event[name], value)),
        ),
      (found) => found !== undefined,
    );
    expect(row).toMatchObject({
      action: 'R',
      ...who(),
      purposeOfEvent: [why],
      entries: [{ entry: { id }, consent: under === undefined ? null : { id: consents.get(under) } }],
    });
    const when = row?.recorded ?? '';
    expect(when >= began && when <= new Date().toISOString()).toBe(true);
  },
  60_000,
);

test('the trail says why the glass was broken, who disclosed, and is for the patient and their delegate alone', async () => {
  const events = await trail(patient);
  expect(events).toContainEqual(
    expect.objectContaining({
      event: 'GlassBroken',
      reason: 'found unconscious',
      institution: { id: 'hospital-b' },
      by: drB,
    }),
  );
  expect(events).toContainEqual(
    expect.objectContaining({ event: 'KeysDisclosed', institution: { id: 'regulator' } }),
  );
  expect(await trail(guardian)).toEqual(events);
  // Anyone else has what they did themselves.
  for (const event of await trail(insurer)) expect(event).toMatchObject({ institution: { id: 'insurer-a' } });
});
