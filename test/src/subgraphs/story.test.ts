import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Client } from 'graphql-ws';
import { type Answer, LiveGraph, type Person } from './live-graph.js';

const operator = (mspId: string): Person => ({ role: 'operator', mspId });
const hospital: Person = { role: 'hospital', mspId: 'HospitalAMSP', institution: 'hospital-a' };
const insurer: Person = { role: 'insurer', mspId: 'InsurerAMSP', institution: 'insurer-a' };
const rival: Person = { role: 'insurer', mspId: 'InsurerBMSP', institution: 'insurer-b' };

let graph: LiveGraph;
let patient: Person;

const transaction = 'transaction { id channel block }';

function dataOf(answer: Answer, field: string): Record<string, unknown> {
  expect(answer.errors).toBeUndefined();
  return answer.data?.[field] as Record<string, unknown>;
}
const codesOf = (answer: Answer): string[] => (answer.errors ?? []).map(({ extensions }) => extensions.code);

beforeAll(async () => {
  graph = await LiveGraph.start();
  const register = `mutation($input: RegisterInstitutionInput!) {
    registerInstitution(input: $input) { institution { id organization } ${transaction} }
  }`;
  for (const [{ mspId, institution }, kind] of [
    [hospital, 'HOSPITAL'],
    [insurer, 'INSURER'],
    [rival, 'INSURER'],
  ] as const) {
    const input = { id: institution, name: `The ${institution ?? ''}`, kind };
    const payload = dataOf(
      await graph.ask('patients', operator(mspId), register, { input }),
      'registerInstitution',
    );
    expect(payload['institution']).toEqual({ id: institution, organization: mspId });
  }
  const registered = dataOf(
    await graph.ask(
      'patients',
      hospital,
      'mutation { registerPatient(input: { identifier: "MRN-1" }) { patient { id active } } }',
    ),
    'registerPatient',
  );
  const { id } = registered['patient'] as { id: string };
  patient = { role: 'patient', mspId: 'PatientsMSP', patient: id };
}, 120_000);

afterAll(async () => {
  await graph.close();
});

const observation = {
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'Heart rate' },
  effectiveDateTime: '2026-03-01',
  valueQuantity: { value: 72, unit: '/min' },
};
const identity = {
  resourceType: 'Patient',
  name: [{ use: 'official', family: 'Ng', given: ['Ada'] }],
  birthDate: '1980-02-03',
  gender: 'female',
};

async function nextOf(events: AsyncIterator<unknown>): Promise<Record<string, unknown>> {
  const { value } = (await events.next()) as { value: { data: Record<string, unknown> } };
  return value.data;
}

let entries: string[];

test('a patient is seen by whom they let see, and by nobody else', async () => {
  const query = 'query($id: ID!) { patient(id: $id) { id active } patients { nodes { id } } }';
  const ask = (person: Person) => graph.ask('patients', person, query, { id: patient.patient });
  expect((await ask(patient)).data).toMatchObject({ patient: { id: patient.patient, active: true } });
  expect((await ask(hospital)).data).toEqual({ patient: null, patients: { nodes: [] } });
  const payload = dataOf(
    await graph.ask(
      'records',
      patient,
      `mutation { authorizeStorage(input: { institutions: ["hospital-a"] }) {
        storageAuthorizations { institution { id } active } transaction { block } } }`,
    ),
    'authorizeStorage',
  );
  expect(payload['storageAuthorizations']).toEqual([{ institution: { id: 'hospital-a' }, active: true }]);
  await graph
    .subgraph('patients')
    .projector.reached('care', (payload['transaction'] as { block: number }).block);
  expect((await ask(hospital)).data).toMatchObject({ patients: { nodes: [{ id: patient.patient }] } });
  expect((await ask(rival)).data).toEqual({ patient: null, patients: { nodes: [] } });
  expect((await ask({ ...hospital, mspId: 'InsurerBMSP' })).data).toEqual({
    patient: null,
    patients: { nodes: [] },
  });
});

test('proposed entries are authorised by the patient, who receives them live', async () => {
  const client = await graph.subscriber('records', patient);
  const events = client.iterate({
    query: 'subscription { entryChanged { cursor event entry { id status } } }',
  });
  const first = nextOf(events);
  const proposed = dataOf(
    await graph.ask(
      'records',
      hospital,
      `mutation($input: ProposeEntriesInput!) {
        proposeEntries(input: $input) { entries { id status category date class } ${transaction} } }`,
      {
        input: {
          patient: patient.patient,
          resources: [observation, identity],
          idempotencyKey: 'first',
        },
      },
    ),
    'proposeEntries',
  )['entries'] as { id: string }[];
  entries = proposed.map(({ id }) => id);
  const named = `query($id: ID!) { _entities(representations: [{ __typename: "Patient", id: $id }]) {
    ... on Patient { name } } }`;
  expect((await graph.ask('records', hospital, named, { id: patient.patient })).data).toEqual({
    _entities: [{ name: null }],
  });
  expect(proposed).toMatchObject([
    { status: 'PRELIMINARY', category: 'OBSERVATION', date: '2026-03-01', class: 'CLINICAL' },
    { status: 'PRELIMINARY', category: 'IDENTITY' },
  ]);
  expect(await first).toMatchObject({ entryChanged: { event: 'EntryProposed', entry: { id: entries[0] } } });
  const authorized = dataOf(
    await graph.ask(
      'records',
      patient,
      'mutation($input: AuthorizeEntriesInput!) { authorizeEntries(input: $input) { entries { status } } }',
      { input: { entries } },
    ),
    'authorizeEntries',
  );
  expect(authorized['entries']).toEqual([{ status: 'FINAL' }, { status: 'FINAL' }]);
  const again = await graph.ask(
    'records',
    patient,
    'mutation($input: AuthorizeEntriesInput!) { authorizeEntries(input: $input) { entries { status } } }',
    { input: { entries } },
  );
  expect(again.data).toEqual({ authorizeEntries: authorized });
});

const contents = `query($id: ID!) { _entities(representations: [{ __typename: "Patient", id: $id }]) {
  ... on Patient { name birthDate gender entries { nodes { id resource } } } } }`;
const readBy = (person: Person) => graph.ask('records', person, contents, { id: patient.patient });

test('whoever may read gets the plaintext, in one opening a patient', async () => {
  const [read] = (await readBy(hospital)).data?.['_entities'] as Record<string, unknown>[];
  expect(read).toMatchObject({ name: 'Ada Ng', birthDate: '1980-02-03', gender: 'female' });
  const { nodes } = read?.['entries'] as { nodes: { id: string; resource: unknown }[] };
  expect(nodes).toHaveLength(2);
  expect(nodes.find(({ id }) => id === entries[0])?.resource).toEqual(observation);
  expect((await readBy(rival)).data).toEqual({
    _entities: [{ name: null, birthDate: null, gender: null, entries: { nodes: [] } }],
  });
});

test('access is asked for, granted live, used and revoked', async () => {
  const client = await graph.subscriber('consent', patient);
  const events = client.iterate({
    query: 'subscription { consentChanged { cursor event consent { id status } } }',
  });
  const requested = nextOf(events);
  const asked = dataOf(
    await graph.ask(
      'consent',
      insurer,
      `mutation($input: RequestAccessInput!) { requestAccess(input: $input) { consent { id status } } }`,
      {
        input: {
          patient: patient.patient,
          provision: { purpose: ['COVAUTH'], category: ['OBSERVATION'] },
          reason: 'To decide',
        },
      },
    ),
    'requestAccess',
  );
  const { id } = asked['consent'] as { id: string };
  const { consentChanged: live } = await requested;
  expect(live).toMatchObject({ consent: { id, status: 'DRAFT' } });
  const { cursor } = live as { cursor: string };
  expect((await readBy(insurer)).data).toMatchObject({ _entities: [{ entries: { nodes: [] } }] });
  const granted = dataOf(
    await graph.ask(
      'consent',
      patient,
      'mutation($id: ID!) { grantAccess(input: { consent: $id }) { consent { status } transaction { block } } }',
      { id },
    ),
    'grantAccess',
  );
  expect(granted['consent']).toEqual({ status: 'ACTIVE' });
  const { block } = granted['transaction'] as { block: number };
  await graph.subgraph('records').projector.reached('care', block);
  const read = await readBy(insurer);
  expect(read.errors).toBeUndefined();
  expect(read.data).toEqual({
    _entities: [
      {
        name: null,
        birthDate: null,
        gender: null,
        entries: { nodes: [{ id: entries[0], resource: observation }] },
      },
    ],
  });
  const wrongPurpose = await graph.ask(
    'records',
    insurer,
    'query($id: ID!) { entry(id: $id) { resource(purpose: HRESCH) } }',
    { id: entries[0] },
  );
  expect(wrongPurpose.data).toEqual({ entry: { resource: null } });
  expect(codesOf(wrongPurpose)).toEqual(['ENTRY_NOT_FOUND']);
  const follower = await graph.subscriber('records', insurer);
  const followed = follower.iterate({
    query: `subscription($patient: ID, $after: String) {
      entryChanged(patient: $patient, after: $after) { cursor } }`,
    variables: { patient: patient.patient, after: cursor },
  });
  const ended = expect(followed.next()).rejects.toMatchObject([{ extensions: { code: 'ACCESS_ENDED' } }]);
  const revoked = dataOf(
    await graph.ask(
      'consent',
      patient,
      'mutation($id: ID!) { revokeAccess(input: { consent: $id }) { consent { status } transaction { block } } }',
      { id },
    ),
    'revokeAccess',
  );
  await graph
    .subgraph('records')
    .projector.reached('care', (revoked['transaction'] as { block: number }).block);
  expect((await readBy(insurer)).data).toMatchObject({ _entities: [{ entries: { nodes: [] } }] });
  await ended;
  const audit = await graph.ask(
    'consent',
    patient,
    `query($id: ID!) { _entities(representations: [{ __typename: "Patient", id: $id }]) { ... on Patient {
      openings { nodes { purpose institution { id } entries { entry { id } consent { id } } } } } } }`,
    { id: patient.patient },
  );
  const [{ openings }] = audit.data?.['_entities'] as [{ openings: { nodes: Record<string, unknown>[] } }];
  const byInsurer = openings.nodes.filter(
    (opening) =>
      opening['institution'] !== null && (opening['institution'] as { id: string }).id === 'insurer-a',
  );
  expect(byInsurer).toEqual([
    {
      purpose: 'COVAUTH',
      institution: { id: 'insurer-a' },
      entries: [{ entry: { id: entries[0] }, consent: { id } }],
    },
  ]);
});

const fhirClaim = {
  resourceType: 'Claim',
  status: 'active',
  use: 'claim',
  type: { text: 'professional' },
  patient: { reference: 'Patient/1' },
  created: '2026-03-02',
  provider: { reference: 'Organization/hospital-a' },
  priority: { text: 'normal' },
  insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/1' } }],
  item: [
    {
      sequence: 1,
      productOrService: { coding: [{ system: 'http://snomed.info/sct', code: '1', display: 'Check' }] },
      servicedDate: '2026-03-01',
      net: { value: 120.5, currency: 'USD' },
    },
  ],
  total: { value: 120.5, currency: 'USD' },
};

test('a claim is submitted, adjudicated and paid; a subscriber resumes where it was cut', async () => {
  const registered = dataOf(
    await graph.ask(
      'claims',
      insurer,
      'mutation($input: RegisterCoverageInput!) { registerCoverage(input: $input) { coverage { id currency } } }',
      { input: { beneficiary: patient.patient, currency: 'USD' } },
    ),
    'registerCoverage',
  );
  const coverage = (registered['coverage'] as { id: string }).id;
  const subscribe = (client: Client, after?: string) =>
    client.iterate({
      query: `subscription($after: String) { claimChanged(after: $after) { cursor claim { id state } } }`,
      variables: { after },
    });
  const first = await graph.subscriber('claims', insurer);
  const events = subscribe(first);
  const submittedLive = nextOf(events);
  const submitted = dataOf(
    await graph.ask(
      'claims',
      hospital,
      'mutation($input: SubmitClaimInput!) { submitClaim(input: $input) { claim { id state total { value } } } }',
      { input: { coverage, resource: fhirClaim } },
    ),
    'submitClaim',
  );
  const claim = submitted['claim'] as { id: string };
  expect(claim).toMatchObject({ state: 'CHECKED', total: { value: '120.50' } });
  const live = (await submittedLive)['claimChanged'] as { cursor: string };
  expect(live).toMatchObject({ claim: { id: claim.id, state: 'CHECKED' } });
  await first.dispose();
  const decide = `mutation($input: AdjudicateClaimInput!) { adjudicateClaim(input: $input) { claim { state } } }`;
  const input = {
    claim: claim.id,
    items: [
      { sequence: 1, adjudication: [{ category: 'BENEFIT', amount: { value: '100.00', currency: 'USD' } }] },
    ],
  };
  expect(codesOf(await graph.ask('claims', hospital, decide, { input }))).toEqual(['FORBIDDEN']);
  expect(codesOf(await graph.ask('claims', rival, decide, { input }))).toEqual(['CLAIM_NOT_FOUND']);
  const adjudicated = await graph.ask('claims', insurer, decide, { input });
  expect(adjudicated.data).toEqual({ adjudicateClaim: { claim: { state: 'VALUATED' } } });
  const paid = await graph.ask(
    'claims',
    insurer,
    `mutation($id: ID!) { payClaim(input: { claim: $id, date: "2026-03-09", identifier: "P-1" }) {
      claim { state payment { amount { value } } } } }`,
    { id: claim.id },
  );
  expect(paid.data).toEqual({
    payClaim: { claim: { state: 'PAID', payment: { amount: { value: '100.00' } } } },
  });
  const resumed = subscribe(await graph.subscriber('claims', insurer), live.cursor);
  expect(await nextOf(resumed)).toMatchObject({
    claimChanged: { claim: { id: claim.id, state: 'VALUATED' } },
  });
  expect(await nextOf(resumed)).toMatchObject({ claimChanged: { claim: { state: 'PAID' } } });
  const query = `query($id: ID!) { claim(id: $id) { state items { productOrService { coding { code } } } resource } }`;
  for (const person of [patient, hospital, insurer]) {
    expect((await graph.ask('claims', person, query, { id: claim.id })).data).toEqual({
      claim: {
        state: 'PAID',
        items: [{ productOrService: { coding: [{ code: '1' }] } }],
        resource: fhirClaim,
      },
    });
  }
  expect((await graph.ask('claims', rival, query, { id: claim.id })).data).toEqual({ claim: null });
});

test('bad input gets a code', async () => {
  const patients =
    'query($first: Int!, $after: String) { patients(first: $first, after: $after) { nodes { id } } }';
  expect(codesOf(await graph.ask('patients', patient, patients, { first: 1_000_000 }))).toEqual([
    'BAD_USER_INPUT',
  ]);
  expect(codesOf(await graph.ask('patients', patient, patients, { first: 1, after: 'bm9wZQ' }))).toEqual([
    'CURSOR_INVALID',
  ]);
  const propose =
    'mutation($input: ProposeEntriesInput!) { proposeEntries(input: $input) { entries { id } } }';
  const resources = [{ resourceType: 'Observation', status: 'final' }];
  const input = { patient: patient.patient, resources };
  expect(codesOf(await graph.ask('records', hospital, propose, { input }))).toEqual(['FHIR_INVALID']);
  expect(codesOf(await graph.ask('records', insurer, propose, { input }))).toEqual(['FORBIDDEN']);
  const nobody = { ...input, patient: 'nobody' };
  expect(codesOf(await graph.ask('records', hospital, propose, { input: nobody }))).toEqual([
    'BAD_USER_INPUT',
  ]);
  const response = await fetch(graph.subgraph('records').url, { method: 'POST', body: '{}' });
  expect(response.status).toBe(401);
});

test('a token whose scopes are for reading changes nothing', async () => {
  const register = 'mutation { registerPatient(input: { identifier: "MRN-2" }) { patient { id } } }';
  const reader = { ...hospital, scopes: ['openid'] };
  expect(codesOf(await graph.ask('patients', reader, register))).toEqual(['FORBIDDEN']);
  expect((await graph.ask('patients', reader, '{ me { role } }')).data).toEqual({ me: { role: 'HOSPITAL' } });
  const writer = { ...hospital, scopes: ['openid', 'medigraph'] };
  expect((await graph.ask('patients', writer, register)).errors).toBeUndefined();
});

test('a subscription ends with TOKEN_EXPIRED when its token runs out', async () => {
  const client = await graph.subscriber('records', patient, 2);
  const events = client.iterate({ query: 'subscription { entryChanged { cursor } }' });
  await expect(events.next()).rejects.toMatchObject([{ extensions: { code: 'TOKEN_EXPIRED' } }]);
});

test('a rebuilt read model answers the same', async () => {
  const { projector } = graph.subgraph('claims');
  const checkpoints = await projector.checkpoints();
  await projector.rebuild();
  expect(await projector.checkpoints()).toEqual(checkpoints);
  const answer = await graph.ask('claims', patient, '{ claims { nodes { state } } }');
  expect(answer.data).toEqual({ claims: { nodes: [{ state: 'PAID' }] } });
});
