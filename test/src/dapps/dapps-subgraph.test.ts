/** The marketplace as its people meet it in the graph: who publishes, who reviews, who installs. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type RunningDAppsSubgraph } from '@medigraph/subgraph-dapps';
import { haemoglobin } from '@medigraph/launcher';
import { type RegistryTransaction } from '@medigraph/schema';
import { publishedPayload } from '@medigraph/schema/dapps';
import { decodeJwt, exportSPKI, generateKeyPair } from 'jose';
import { createHash, generateKeyPairSync, sign, type webcrypto } from 'node:crypto';
import { eventually } from '../system/eventually.js';
import { Provider } from './back-end.js';
import { type Answer, LiveGraph, type Person } from '../subgraphs/live-graph.js';

const hospital: Person = { role: 'hospital', mspId: 'HospitalAMSP', institution: 'hospital-a' };
const insurer: Person = { role: 'insurer', mspId: 'InsurerAMSP', institution: 'insurer-a' };
const hospitalOperator: Person = { role: 'operator', mspId: 'HospitalAMSP' };
const insurerOperator: Person = { role: 'operator', mspId: 'InsurerAMSP' };

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
const { crv, kty, x, y } = publicKey.export({ format: 'jwk' });
const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');

const bytesOf = (version: string): Buffer => Buffer.from(`the package of ${version}`);
const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function signed(version: string, sha256: string): string {
  const [header = '', payload = ''] = [
    JSON.stringify({ alg: 'ES256', kid, typ: 'medigraph-dapp+jws' }),
    publishedPayload({ dapp: 'diary', version, package: sha256 }),
  ].map((part) => Buffer.from(part).toString('base64url'));
  const signature = sign('sha256', Buffer.from(`${header}.${payload}`), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return `${header}..${signature.toString('base64url')}`;
}

const hook = { event: 'Drawn', url: 'https://diary.example/hook' };

function publication(version: string): Record<string, unknown> {
  const bytes = bytesOf(version);
  const sha256 = digestOf(bytes);
  const manifest = {
    id: 'diary',
    name: 'Diary',
    summary: 'Keeps a diary of your values',
    publisher: 'acme',
    version,
    license: 'Apache-2.0',
    categories: ['wellbeing'],
    keywords: ['Curves'],
    medigraph: version === '1.0.0' ? '*' : '>=99.0.0',
    contracts: { entry: 'contracts/index.js', names: ['Diary'] },
    scopes: {
      required: [
        { id: 'labs', reason: 'to draw curves', purpose: ['TREAT'], category: ['observation'], days: 30 },
      ],
      optional: [{ id: 'study', reason: 'to learn', purpose: ['HRESCH'] }],
    },
    webhooks: [hook],
    support: {},
  };
  return { manifest, sha256, size: bytes.length, signature: signed(version, sha256) };
}

let provider: Provider;
let graph: LiveGraph;
let dapps: RunningDAppsSubgraph;
let patient: Person;
let entry: string;
const following = new AbortController();

beforeAll(async () => {
  provider = await Provider.start();
  graph = await LiveGraph.start({ identity: provider });
  dapps = graph.subgraph('dapps') as RunningDAppsSubgraph;
  for (const [{ mspId, institution: id }, kind] of [
    [hospital, 'HOSPITAL'],
    [insurer, 'INSURER'],
  ] as const)
    await done(
      'patients',
      { role: 'operator', mspId },
      'mutation($input: RegisterInstitutionInput!) { registerInstitution(input: $input) { institution { id } } }',
      { id, name: id, kind },
    );
  const registered = await done(
    'patients',
    hospital,
    'mutation($input: RegisterPatientInput!) { registerPatient(input: $input) { patient { id } } }',
    { identifier: 'MRN-1' },
  );
  patient = { role: 'patient', mspId: 'PatientsMSP', patient: (registered['patient'] as { id: string }).id };
  const added = await done(
    'records',
    patient,
    'mutation($input: AddPersonalEntriesInput!) { addPersonalEntries(input: $input) { entries { id } } }',
    { resources: [haemoglobin(patient.patient ?? '')] },
  );
  entry = (added['entries'] as [{ id: string }])[0].id;
}, 60_000);
afterAll(async () => {
  following.abort();
  await graph.close();
  await provider.close();
});

/** The payload of a mutation that is done. */
async function done(
  subgraph: string,
  person: Person,
  query: string,
  input: object,
): Promise<Record<string, unknown>> {
  const answer = await graph.ask(subgraph, person, query, { input });
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return Object.values(answer.data ?? {})[0] as Record<string, unknown>;
}

const mutation = (
  name: string,
  fields: string,
  type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`,
) => `mutation($input: ${type}!) { ${name}(input: $input) { ${fields} } }`;
const publish = mutation('publishDApp', 'release { status }');
const approve = mutation('approveDApp', 'release { status }', 'DAppVersionInput');
const install = mutation('installDApp', 'installation { status grants { scope consent { id } } }');

const codeOf = ({ errors, data }: Answer): string => errors?.[0]?.extensions.code ?? JSON.stringify(data);
const refusal = async (person: Person, query: string, input: object): Promise<string> =>
  codeOf(await graph.ask('dapps', person, query, { input }));

async function send(person: Person, sha256: string, body: Uint8Array): Promise<[number, string | undefined]> {
  const response = await fetch(new URL(`/packages/${sha256}`, dapps.url), {
    method: 'PUT',
    headers: { authorization: `Bearer ${await graph.token(person)}` },
    body: Buffer.from(body),
  });
  const answer = (await response.json()) as { errors?: [{ extensions: { code: string } }] };
  return [response.status, answer.errors?.[0].extensions.code];
}

async function fetched(person: Person, sha256: string): Promise<number> {
  const response = await fetch(new URL(`/packages/${sha256}`, dapps.url), {
    headers: { authorization: `Bearer ${await graph.token(person)}` },
  });
  await response.arrayBuffer();
  return response.status;
}

/** Signs as an organisation and submits, as its steward does. */
async function submit(person: Person, name: RegistryTransaction, argument: object): Promise<void> {
  const { custody, ledger, tokens } = graph.services('dapps');
  const signer = await custody.signerFor(await tokens.verify(await graph.token(person)));
  const [contract = '', transaction = ''] = name.split(':');
  const place = { channel: 'care', chaincode: 'registry' };
  const committed = await ledger.submit({ ...place, contract, transaction, argument, signer });
  await dapps.projector.reached('care', committed.transaction.block);
}

test('organisations agree on how they review, and everybody may know', async () => {
  const asked =
    '{ dAppReviewPolicy { rules { organizations approvals majorsMayBreak } proposals { organization } } }';
  const policy = async () => (await graph.ask('dapps', patient, asked)).data?.['dAppReviewPolicy'];
  const organizations = ['HospitalAMSP', 'InsurerAMSP'];
  const rules = { organizations: [...organizations, 'PatientsMSP'], approvals: 2, majorsMayBreak: false };
  expect(await policy()).toEqual({ rules, proposals: [] });
  const propose = mutation(
    'proposeDAppReviewPolicy',
    'policy { rules { organizations majorsMayBreak } proposals { organization rules { majorsMayBreak } } }',
  );
  const wanted = { organizations, approvals: 2, majorsMayBreak: true };
  for (const [person, input, code] of [
    [patient, wanted, 'FORBIDDEN'],
    [hospital, wanted, 'FORBIDDEN'],
    [{ ...hospitalOperator, passwordAlone: true }, wanted, 'STEP_UP_REQUIRED'],
    [hospitalOperator, { ...wanted, approvals: 0 }, 'BAD_USER_INPUT'],
    [hospitalOperator, { ...wanted, approvals: 3 }, 'POLICY_INVALID'],
    [hospitalOperator, { ...wanted, organizations: ['NobodyMSP'], approvals: 1 }, 'POLICY_INVALID'],
  ] as const)
    expect(await refusal(person, propose, input)).toBe(code);
  expect(await done('dapps', hospitalOperator, propose, wanted)).toEqual({
    policy: {
      rules: { organizations: rules.organizations, majorsMayBreak: false },
      proposals: [{ organization: 'HospitalAMSP', rules: { majorsMayBreak: true } }],
    },
  });
  expect(await policy()).toEqual({ rules, proposals: [{ organization: 'HospitalAMSP' }] });
  await done('dapps', insurerOperator, propose, wanted);
  expect(await policy()).toEqual({ rules: wanted, proposals: [] });
});

test('an institution becomes a publisher, and nobody else in its place', async () => {
  const register = mutation(
    'registerPublisher',
    'publisher { id organization institution { id } keys { kid status } }',
  );
  const acme = { id: 'acme', name: 'Acme', institution: 'hospital-a', key };
  expect(await refusal(patient, register, acme)).toBe('FORBIDDEN');
  expect(await refusal(insurer, register, acme)).toBe('FORBIDDEN');
  expect(await refusal(insurerOperator, register, acme)).toBe('CALLER_FORBIDDEN');
  expect(await refusal({ ...hospital, passwordAlone: true }, register, acme)).toBe('STEP_UP_REQUIRED');
  expect(await done('dapps', hospital, register, acme)).toEqual({
    publisher: {
      id: 'acme',
      organization: 'HospitalAMSP',
      institution: { id: 'hospital-a' },
      keys: [{ kid, status: 'ACTIVE' }],
    },
  });
});

test('a package is taken if it is what its digest says', async () => {
  const bytes = bytesOf('1.0.0');
  const sha256 = digestOf(bytes);
  expect(await refusal(hospital, publish, publication('1.0.0'))).toBe('PACKAGE_MISSING');
  expect(await send(patient, sha256, bytes)).toEqual([403, 'FORBIDDEN']);
  expect(await send(hospital, sha256, Buffer.from('something else'))).toEqual([422, 'PACKAGE_TAMPERED']);
  expect(await send(hospital, sha256, Buffer.alloc(50_000_001))).toEqual([413, 'PACKAGE_TOO_LARGE']);
  expect(await send(hospital, '..%2f..', bytes)).toEqual([400, 'BAD_REQUEST']);
  expect(await send(hospital, sha256, bytes)).toEqual([201, undefined]);
  expect(await send(hospital, sha256, bytes)).toEqual([200, undefined]);
  expect(await fetched(insurerOperator, sha256)).toBe(200);
  expect(await fetched(patient, sha256)).toBe(404);
});

test('a version is published by its publisher alone, and seen by those who review it', async () => {
  const version = publication('1.0.0');
  expect(await refusal(insurer, publish, version)).toBe('PUBLISHER_IMPERSONATED');
  expect(
    await refusal(hospital, publish, { ...version, signature: signed('1.0.1', String(version['sha256'])) }),
  ).toBe('SIGNATURE_INVALID');
  expect(await done('dapps', hospital, publish, version)).toEqual({ release: { status: 'SUBMITTED' } });
  expect(await refusal(hospital, publish, version)).toBe('RELEASE_EXISTS');
  const ask = '{ dApp(id: "diary") { name } dAppRelease(dapp: "diary", version: "1.0.0") { compatible } }';
  const seen = { dApp: { name: 'Diary' }, dAppRelease: { compatible: true } };
  expect((await graph.ask('dapps', insurerOperator, ask)).data).toEqual(seen);
  expect((await graph.ask('dapps', hospital, ask)).data).toEqual(seen);
  expect((await graph.ask('dapps', patient, ask)).data).toEqual({ dApp: null, dAppRelease: null });
  expect((await graph.ask('dapps', insurer, ask)).data).toEqual({ dApp: null, dAppRelease: null });
  const reviews = '{ dAppReviews { nodes { version } } }';
  expect((await graph.ask('dapps', insurerOperator, reviews)).data).toEqual({
    dAppReviews: { nodes: [{ version: '1.0.0' }] },
  });
  expect((await graph.ask('dapps', hospital, reviews)).data).toEqual({ dAppReviews: { nodes: [] } });
});

test('organisations approve, it runs, and everybody finds it', async () => {
  const changes = dapps.dappChanges(following.signal)[Symbol.asyncIterator]();
  const first = changes.next();
  const version = { dapp: 'diary', version: '1.0.0' };
  expect(await refusal(hospital, approve, version)).toBe('FORBIDDEN');
  await submit(insurerOperator, 'DApps:ReportChecks', { ...version, findings: [] });
  expect(await refusal({ ...insurerOperator, passwordAlone: true }, approve, version)).toBe(
    'STEP_UP_REQUIRED',
  );
  expect(await done('dapps', insurerOperator, approve, version)).toEqual({ release: { status: 'CHECKED' } });
  expect(await refusal(insurerOperator, approve, version)).toBe('VOTE_EXISTS');
  expect(await done('dapps', hospitalOperator, approve, version)).toEqual({
    release: { status: 'APPROVED' },
  });
  await submit(insurerOperator, 'DApps:Activate', version);
  expect((await first).value).toMatchObject({
    change: 'activated',
    manifest: { id: 'diary', version: '1.0.0' },
  });
  const found = await graph.ask(
    'dapps',
    patient,
    `{ dapps(search: "curves DIARY", category: WELLBEING, publisher: "acme") { nodes {
         id status publisher { name } active { version }
         scopes { id required description } statistics { installations ratings averageStars } } } }`,
  );
  expect(found.data).toEqual({
    dapps: {
      nodes: [
        {
          id: 'diary',
          status: 'ACTIVE',
          publisher: { name: 'Acme' },
          active: { version: '1.0.0' },
          scopes: [
            {
              id: 'labs',
              required: true,
              description: 'Reads your measurements and laboratory results to treat you, for 30 days.',
            },
            {
              id: 'study',
              required: false,
              description: 'Reads all your records for health research, until you withdraw it.',
            },
          ],
          statistics: { installations: 0, ratings: 0, averageStars: null },
        },
      ],
    },
  });
  expect((await graph.ask('dapps', patient, '{ dapps(search: ".*") { nodes { id } } }')).data).toEqual({
    dapps: { nodes: [] },
  });
  expect(await fetched(patient, digestOf(bytesOf('1.0.0')))).toBe(200);
});

interface Grants {
  readonly installation: {
    readonly grants: readonly { readonly scope: string; readonly consent: { id: string } }[];
  };
}
const grantsOf = (payload: unknown): Map<string, string> =>
  new Map((payload as Grants).installation.grants.map(({ scope, consent }) => [scope, consent.id]));
const statusOfConsent = async (id: string | undefined): Promise<unknown> => {
  const { block } = { block: (await graph.subgraph('dapps').projector.checkpoints())['care'] ?? 0 };
  await graph.subgraph('consent').projector.reached('care', block);
  const ask =
    'query($id: ID!) { consent(id: $id) { status grantee { id } provision { actor { kind id } } } }';
  return (await graph.ask('consent', hospital, ask, { id })).data?.['consent'];
};

test('a patient grants scopes one by one; the DApp reads by consents on the ledger, until they take it away', async () => {
  const given = (status: string) => ({
    status,
    grantee: { id: 'hospital-a' },
    provision: { actor: { kind: 'APPLICATION', id: 'diary' } },
  });
  expect(await refusal(patient, install, { dapp: 'diary', scopes: ['labs', 'everything'] })).toBe(
    'SCOPE_UNKNOWN',
  );
  expect(await refusal(patient, install, { dapp: 'diary', scopes: ['study'] })).toBe('SCOPE_REQUIRED');
  expect(await refusal(patient, install, { dapp: 'nothing', scopes: [] })).toBe('DAPP_NOT_FOUND');
  expect(await refusal(hospital, install, { dapp: 'diary', scopes: ['labs'] })).toBe('FORBIDDEN');
  const both = grantsOf(await done('dapps', patient, install, { dapp: 'diary', scopes: ['study', 'labs'] }));
  expect(await statusOfConsent(both.get('labs'))).toEqual(given('ACTIVE'));
  expect(await statusOfConsent(both.get('study'))).toEqual(given('ACTIVE'));
  const again = grantsOf(await done('dapps', patient, install, { dapp: 'diary', scopes: ['labs', 'study'] }));
  expect(again).toEqual(both);
  const opened = await graph.ask(
    'records',
    { ...hospital, clientId: 'diary' },
    'query($id: ID!) { entry(id: $id) { id } }',
    { id: entry },
  );
  expect(opened.errors).toBeUndefined();
  const fewer = grantsOf(await done('dapps', patient, install, { dapp: 'diary', scopes: ['labs'] }));
  expect(fewer).toEqual(new Map([['labs', both.get('labs')]]));
  expect(await statusOfConsent(both.get('study'))).toEqual(given('INACTIVE'));
  const mine = '{ myInstallations { nodes { status usable dApp { id } } } }';
  const installed = { nodes: [{ status: 'ACTIVE', usable: true, dApp: { id: 'diary' } }] };
  expect((await graph.ask('dapps', patient, mine)).data?.['myInstallations']).toEqual(installed);
  expect((await graph.ask('dapps', hospital, mine)).data?.['myInstallations']).toEqual({ nodes: [] });
  expect(await dapps.installations.active('diary', { patient: patient.patient })).toBe(true);
  expect(await dapps.installations.active('diary', { institution: 'hospital-a' })).toBe(false);
  const rate = mutation('rateDApp', 'rating { stars review }', 'RateDAppInput');
  expect(await refusal(patient, rate, { dapp: 'diary', stars: 6 })).toBe('BAD_USER_INPUT');
  expect(await done('dapps', patient, rate, { dapp: 'diary', stars: 4, review: 'Helps' })).toEqual({
    rating: { stars: 4, review: 'Helps' },
  });
  expect(await done('dapps', patient, uninstall, { dapp: 'diary' })).toEqual({
    installation: { status: 'ENDED' },
  });
  expect(await statusOfConsent(both.get('labs'))).toEqual(given('INACTIVE'));
  expect(await dapps.installations.active('diary', { patient: patient.patient })).toBe(false);
  expect(await refusal(patient, rate, { dapp: 'diary', stars: 1 })).toBe('INSTALLATION_NOT_FOUND');
  const anew = grantsOf(await done('dapps', patient, install, { dapp: 'diary', scopes: ['labs'] }));
  expect(anew.get('labs')).not.toBe(both.get('labs'));
  expect(await statusOfConsent(anew.get('labs'))).toEqual(given('ACTIVE'));
});

const credentials = 'clientId tokenEndpoint authentication kid secret';
const issue = mutation('issueDAppCredentials', credentials, 'IssueDAppCredentialsInput');
const uninstall = mutation('uninstallDApp', 'installation { status }');
let ofKey: { readonly clientId: string };
let authentication: { readonly key: webcrypto.CryptoKey; readonly kid: string };

const clinical = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical';
const allergy = (of: string): object => ({
  resourceType: 'AllergyIntolerance',
  clinicalStatus: { coding: [{ system: clinical, code: 'active' }] },
  patient: { reference: `Patient/${of}` },
});

/** What a back end finds of an entry; what it may not see is not there. */
async function readBy(token: string, id: string): Promise<unknown> {
  const ask = 'query($id: ID!) { entry(id: $id) { resourceType resource } }';
  const { data, errors } = await graph.ask('records', token, ask, { id });
  return errors?.[0]?.extensions.code ?? data?.['entry'];
}

test('only the publisher gives the back end of a DApp credentials: a secret, or a key of its own', async () => {
  for (const [person, code] of [
    [patient, 'FORBIDDEN'],
    [insurer, 'PUBLISHER_IMPERSONATED'],
    [{ ...hospital, passwordAlone: true }, 'STEP_UP_REQUIRED'],
  ] as const)
    expect(await refusal(person, issue, { dapp: 'diary' })).toBe(code);
  expect(await refusal(hospital, issue, { dapp: 'nothing' })).toBe('DAPP_NOT_FOUND');
  expect(await refusal(hospital, issue, { dapp: 'diary', publicKey: 'AAAA' })).toBe('BAD_USER_INPUT');
  const first = await done('dapps', hospital, issue, { dapp: 'diary' });
  expect(first).toMatchObject({
    clientId: 'dapp:diary',
    tokenEndpoint: `${provider.issuer}/token`,
    authentication: 'client_secret_post',
    kid: null,
  });
  const claims = decodeJwt(await provider.token('dapp:diary', String(first['secret'])));
  expect(claims).toMatchObject({ role: 'dapp', client_id: 'dapp:diary', institution: 'hospital-a' });

  const pair = await generateKeyPair('ES256', { extractable: true });
  const spki = await exportSPKI(pair.publicKey);
  const publicKey = spki.replace(/-----[^-]+-----|\s/g, '');
  const second = await done('dapps', hospital, issue, { dapp: 'diary', publicKey });
  expect(second).toMatchObject({ authentication: 'private_key_jwt', secret: null });
  await expect(provider.token('dapp:diary', String(first['secret']))).rejects.toMatchObject({ status: 401 });
  ofKey = { clientId: 'dapp:diary' };
  authentication = { key: pair.privateKey, kid: String(second['kid']) };
  const ask = `{ dApp(id: "diary") { credentials { ${credentials} } } }`;
  expect((await graph.ask('dapps', hospital, ask)).data).toEqual({ dApp: { credentials: second } });
  expect((await graph.ask('dapps', insurerOperator, ask)).data).toEqual({ dApp: { credentials: null } });
});

test('a back end reads what was granted to the DApp, until it is uninstalled, and nothing of its institution', async () => {
  const token = await provider.token(ofKey.clientId, authentication);
  const added = await done(
    'records',
    patient,
    'mutation($input: AddPersonalEntriesInput!) { addPersonalEntries(input: $input) { entries { id } } }',
    { resources: [allergy(patient.patient ?? '')] },
  );
  const other = (added['entries'] as [{ id: string }])[0].id;
  await done(
    'consent',
    patient,
    'mutation($input: OfferAccessInput!) { offerAccess(input: $input) { consent { id } } }',
    { grantee: 'hospital-a', provision: { purpose: ['TREAT'] } },
  );
  expect(await readBy(await graph.token(hospital), other)).toMatchObject({
    resourceType: 'AllergyIntolerance',
  });
  expect(await readBy(token, other)).toBeNull();
  expect(await readBy(token, entry)).toMatchObject({ resource: { valueQuantity: { value: 13.2 } } });
  const around = `{ patients { nodes { id } } }`;
  expect((await graph.ask('patients', token, around)).data).toEqual({
    patients: { nodes: [{ id: patient.patient }] },
  });
  expect((await graph.ask('consent', token, '{ consents { nodes { id } } }')).data).toEqual({
    consents: { nodes: [] },
  });
  const installations = '{ myInstallations { nodes { holder } } }';
  const holders = { myInstallations: { nodes: [{ holder: patient.patient }] } };
  expect((await graph.ask('dapps', token, installations)).data).toEqual(holders);
  expect(await refusal(patient, issue, { dapp: 'diary' })).toBe('FORBIDDEN');

  await done('dapps', patient, uninstall, { dapp: 'diary' });
  await eventually(
    'the end of the installation',
    () => readBy(token, entry),
    (found) => found === null,
  );
  expect((await graph.ask('patients', token, around)).data).toEqual({ patients: { nodes: [] } });
  await done('dapps', patient, install, { dapp: 'diary', scopes: ['labs'] });
  await eventually(
    'the installation',
    () => readBy(token, entry),
    (found) => found !== null,
  );
});

test('its publisher and reviewers are told how a DApp is called, and nobody else', async () => {
  const usage = '{ dApp(id: "diary") { usage { nodes { operation calls failures p95 errors { code } } } } }';
  for (let count = 0; count < 7; count += 1)
    dapps.operation.usage.record({
      ...{ dapp: 'diary', version: '1.0.0', operation: 'Diary:Draw', milliseconds: 8 },
      caller: `person ${count}`,
    });
  await dapps.operation.usage.write();
  const drawn = { operation: 'Diary:Draw', calls: 5, failures: 0, p95: 10, errors: [] };
  for (const person of [hospital, insurerOperator])
    expect((await graph.ask('dapps', person, usage)).data).toEqual({ dApp: { usage: { nodes: [drawn] } } });
  for (const person of [patient, insurer])
    expect((await graph.ask('dapps', person, usage)).data).toEqual({ dApp: { usage: { nodes: [] } } });
});

test('its publisher and reviewers are told what happened to its contracts, and nobody else', async () => {
  const read = '{ dApp(id: "diary") { log { nodes { version code message transactionId } } } }';
  const entry = { version: '1.0.0', message: 'the contracts used more than 256 MB of memory' };
  dapps.operation.log.add('diary', { ...entry, at: new Date().toISOString(), code: 'MEMORY_EXCEEDED' });
  await dapps.operation.log.write();
  const told = { ...entry, code: 'MEMORY_EXCEEDED', transactionId: null };
  for (const person of [hospital, insurerOperator])
    expect((await graph.ask('dapps', person, read)).data).toEqual({ dApp: { log: { nodes: [told] } } });
  for (const person of [patient, insurer])
    expect((await graph.ask('dapps', person, read)).data).toEqual({ dApp: { log: { nodes: [] } } });
});

test('its publisher sees which web hooks fail, resumes them, and has messages signed with another secret', async () => {
  const { webhooks } = dapps.operation;
  const read = '{ dApp(id: "diary") { webhooks { event state failures reason } } }';
  const shown = async (person: Person) => (await graph.ask('dapps', person, read)).data;
  expect(await shown(hospital)).toEqual({
    dApp: {
      webhooks: [
        {
          ...{ event: 'Drawn', state: 'PENDING', failures: 0 },
          reason: 'graph.events of the manifest has no such event',
        },
      ],
    },
  });
  for (const person of [patient, insurer]) expect(await shown(person)).toEqual({ dApp: { webhooks: [] } });
  const resume = mutation('resumeDAppWebhook', 'state failures', 'ResumeDAppWebhookInput');
  const named = { dapp: 'diary', ...hook };
  expect(await refusal(hospital, resume, named)).toBe('WEBHOOK_NOT_FOUND');
  const { _id } = await webhooks.open(named, () => 'a cursor');
  await webhooks.failed(_id, 'it answered 500');
  await webhooks.disable(_id);
  expect(await shown(insurerOperator)).toMatchObject({
    dApp: { webhooks: [{ state: 'DISABLED', failures: 1 }] },
  });
  expect(await refusal(insurer, resume, named)).toBe('PUBLISHER_IMPERSONATED');
  expect(await done('dapps', hospital, resume, named)).toEqual({ state: 'ACTIVE', failures: 0 });

  const change = mutation('issueDAppWebhookSecret', 'secret', 'IssueDAppWebhookSecretInput');
  expect(await refusal(patient, change, { dapp: 'diary' })).toBe('FORBIDDEN');
  expect(await refusal(insurer, change, { dapp: 'diary' })).toBe('PUBLISHER_IMPERSONATED');
  const secrets = [
    await done('dapps', hospital, change, { dapp: 'diary' }),
    await done('dapps', hospital, change, { dapp: 'diary' }),
  ].map(({ secret }) => String(secret));
  const signing = (await webhooks.secretsOf('diary')).map((key) => `whsec_${key.toString('base64')}`);
  expect(signing).toEqual([secrets[1], secrets[0]]);
});

test('an operator installs for an institution of their organisation, without consents', async () => {
  const payload = { dapp: 'diary', scopes: ['labs'], institution: 'insurer-a' };
  expect(await refusal(hospitalOperator, install, payload)).toBe('CALLER_FORBIDDEN');
  expect(await done('dapps', insurerOperator, install, payload)).toEqual({
    installation: { status: 'ACTIVE', grants: [{ scope: 'labs', consent: null }] },
  });
  expect(await dapps.installations.active('diary', { institution: 'insurer-a' })).toBe(true);
});

test('the end of a DApp is announced to everybody by its publisher alone', async () => {
  const deprecate = mutation('deprecateDApp', 'dApp { status deprecation { reason } }');
  const notice = { dapp: 'diary', reason: 'We write another', endsAt: '2099-01-01T00:00:00.000Z' };
  const subscriber = await graph.subscriber('dapps', patient);
  const changes = subscriber.iterate<{ dappChanged: object }>({
    query: 'subscription { dappChanged(dapp: "diary") { change dApp { deprecation { reason endsAt } } } }',
  });
  const told = changes.next();
  await subscriber.iterate({ query: '{ __typename }' }).next();
  expect(await refusal(patient, deprecate, notice)).toBe('FORBIDDEN');
  expect(await refusal(insurer, deprecate, notice)).toBe('PUBLISHER_IMPERSONATED');
  expect(await refusal(hospital, deprecate, { ...notice, endsAt: '2020-01-01T00:00:00.000Z' })).toBe(
    'ARGUMENT_INVALID',
  );
  expect(await done('dapps', hospital, deprecate, notice)).toEqual({
    dApp: { status: 'DEPRECATED', deprecation: { reason: notice.reason } },
  });
  const { reason, endsAt } = notice;
  expect((await told).value).toEqual({
    data: { dappChanged: { change: 'DEPRECATED', dApp: { deprecation: { reason, endsAt } } } },
  });
  const found = await graph.ask(
    'dapps',
    insurer,
    '{ dapps { nodes { status statistics { installations ratings averageStars } ratings { nodes { stars review } } } } }',
  );
  expect(found.data).toEqual({
    dapps: {
      nodes: [
        {
          status: 'DEPRECATED',
          statistics: { installations: 2, ratings: 1, averageStars: 4 },
          ratings: { nodes: [{ stars: 4, review: 'Helps' }] },
        },
      ],
    },
  });
});

test('a later version is higher, and one that is stopped is gone for everybody', async () => {
  const downgrade = publication('0.9.0');
  for (const version of ['0.9.0', '2.0.0'])
    await send(hospital, digestOf(bytesOf(version)), bytesOf(version));
  expect(await refusal(hospital, publish, downgrade)).toBe('RELEASE_NOT_HIGHER');
  await done('dapps', hospital, publish, publication('2.0.0'));
  const compatible = '{ dAppRelease(dapp: "diary", version: "2.0.0") { compatible } }';
  expect((await graph.ask('dapps', hospital, compatible)).data).toEqual({
    dAppRelease: { compatible: false },
  });
  const live = dapps.dappChanges(following.signal)[Symbol.asyncIterator]();
  expect((await live.next()).value).toMatchObject({ change: 'activated', manifest: { version: '1.0.0' } });
  const withdrawn = live.next();
  const subscriber = await graph.subscriber('dapps', patient);
  const told = new Promise((resolve, reject) => {
    subscriber.subscribe(
      {
        query: 'subscription { dappChanged(dapp: "diary") { change dApp { status revocation { reason } } } }',
      },
      { next: ({ data }) => data && resolve(data), error: reject, complete: () => undefined },
    );
  });
  const revoke = mutation('revokeDApp', 'dApp { status }');
  const reason = 'It leaks';
  expect(await refusal(hospital, revoke, { dapp: 'diary', reason })).toBe('FORBIDDEN');
  const token = await provider.token(ofKey.clientId, authentication);
  expect(await readBy(token, entry)).toMatchObject({ resourceType: 'Observation' });
  expect(await done('dapps', hospitalOperator, revoke, { dapp: 'diary', reason })).toEqual({
    dApp: { status: 'DEPRECATED' },
  });
  expect(await done('dapps', insurerOperator, revoke, { dapp: 'diary', reason })).toEqual({
    dApp: { status: 'REVOKED' },
  });
  expect((await withdrawn).value).toEqual({ change: 'withdrawn', dapp: 'diary' });
  expect(await told).toEqual({
    dappChanged: { change: 'REVOKED', dApp: { status: 'REVOKED', revocation: { reason } } },
  });
  expect(await dapps.installations.active('diary', { patient: patient.patient })).toBe(false);
  // A token that is out reads nothing more, and there is no other.
  await eventually(
    'the end of reading',
    () => readBy(token, entry),
    (found) => found === null,
  );
  await eventually(
    'the end of the client',
    () =>
      provider
        .token(ofKey.clientId, authentication)
        .catch((error: unknown) => (error as { status?: number }).status),
    (outcome) => outcome === 401,
  );
  expect(await refusal(hospital, issue, { dapp: 'diary' })).toBe('DAPP_REVOKED');
  expect(await refusal(patient, install, { dapp: 'diary', scopes: ['labs'] })).toBe('DAPP_REVOKED');
  expect((await graph.ask('dapps', patient, '{ dapps { nodes { id } } }')).data).toEqual({
    dapps: { nodes: [] },
  });
});
