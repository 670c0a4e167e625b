import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { generatePublisherKey, signPackage } from '@medigraph/dapp-package';
import { PlatformError } from '@medigraph/platform/errors';
import { type Committed, type LedgerError } from '@medigraph/platform/ledger';
import { registry, type RegistryTransaction } from '@medigraph/schema';
import { type DAppManifest } from '@medigraph/schema/dapps';
import { LiveGraph, type Person } from '../subgraphs/live-graph.js';

const hospital: Person = { role: 'hospital', mspId: 'HospitalAMSP', institution: 'hospital-a' };
const insurer: Person = { role: 'insurer', mspId: 'InsurerAMSP', institution: 'insurer-a' };
const key = await generatePublisherKey();
const manifest: Partial<DAppManifest> = {
  id: 'diary',
  name: 'Diary',
  summary: 'Keeps a diary',
  publisher: 'acme',
  version: '1.0.0',
  license: 'Apache-2.0',
  categories: ['wellbeing'],
  medigraph: '*',
  contracts: { entry: 'contracts/index.js', names: ['Diary'] },
  support: {},
};
const claims = { dapp: 'diary', version: '1.0.0', package: 'a'.repeat(64) };

const thief = 'dapp-thief';

let graph: LiveGraph;
let patient: Person;
beforeAll(async () => {
  graph = await LiveGraph.start({ strangers: { [thief]: new URL('thief-chaincode.js', import.meta.url) } });
  await graph.deploy(thief);
  const register =
    'mutation($input: RegisterInstitutionInput!) { registerInstitution(input: $input) { institution { id } } }';
  for (const [{ mspId, institution: id }, kind] of [
    [hospital, 'HOSPITAL'],
    [insurer, 'INSURER'],
  ] as const) {
    const input = { id, name: id, kind };
    const { data } = await graph.ask('patients', { role: 'operator', mspId }, register, { input });
    expect(data).toEqual({ registerInstitution: { institution: { id } } });
  }
  const registerPatient = 'mutation { registerPatient(input: { identifier: "MRN-1" }) { patient { id } } }';
  const { data } = await graph.ask('patients', hospital, registerPatient);
  const { id: address } = (data?.['registerPatient'] as { patient: { id: string } }).patient;
  patient = { role: 'patient', mspId: 'PatientsMSP', patient: address };
}, 60_000);
afterAll(() => graph.close());

/** Signs as an organisation and submits, as subgraphs do. */
function submit(person: Person, name: RegistryTransaction, argument: object): Promise<Committed<unknown>> {
  return submitTo('registry', person, name, argument);
}

async function submitTo(
  chaincode: string,
  person: Person,
  name: string,
  argument: object,
): Promise<Committed<unknown>> {
  const { custody, ledger, tokens } = graph.services('patients');
  const signer = await custody.signerFor(await tokens.verify(await graph.token(person)));
  const [contract = '', transaction = ''] = name.split(':');
  return ledger.submit({ channel: 'care', chaincode, contract, transaction, argument, signer });
}

const codeOf = (act: Promise<unknown>): Promise<string> =>
  act.then(
    () => 'ok',
    (error: unknown) => (error instanceof PlatformError ? error.code : String(error)),
  );

test('peers ask the care suite who is who, and pass its refusals on', async () => {
  const register = (person: Person, institution: string) =>
    submit(person, 'DApps:RegisterPublisher', { id: 'acme', name: 'Acme', institution, key: key.publicKey });
  expect(await codeOf(register(hospital, 'nowhere'))).toBe('INSTITUTION_NOT_FOUND');
  expect(await codeOf(register(insurer, 'hospital-a'))).toBe('CALLER_FORBIDDEN');
  const { result } = await register(hospital, 'hospital-a');
  expect(registry.publisher.parse(result)).toMatchObject({
    id: 'acme',
    keys: [{ kid: key.kid, status: 'active' }],
  });
});

test('a version is published, checked, approved by the organisations there are, and runs', async () => {
  const publish = {
    manifest,
    package: { sha256: claims.package, size: 1 },
    signature: await signPackage(claims, key),
  };
  const altered = { ...publish, package: { sha256: 'b'.repeat(64), size: 1 } };
  expect(await codeOf(submit(hospital, 'DApps:Publish', altered))).toBe('SIGNATURE_INVALID');
  expect(await codeOf(submit(insurer, 'DApps:Publish', publish))).toBe('PUBLISHER_IMPERSONATED');
  await submit(hospital, 'DApps:Publish', publish);
  const version = { dapp: 'diary', version: '1.0.0' };
  await submit(insurer, 'DApps:ReportChecks', { ...version, findings: [] });
  await submit(insurer, 'DApps:Approve', version);
  expect(await codeOf(submit(insurer, 'DApps:Activate', version))).toBe('RELEASE_STATE_INVALID');
  await submit(hospital, 'DApps:Approve', version);
  const { result } = await submit(insurer, 'DApps:Activate', version);
  expect(registry.dappRelease.parse(result).status).toBe('active');
  expect(await codeOf(submit(hospital, 'DApps:Publish', publish))).toBe('RELEASE_EXISTS');
});

test('a DApp that a patient calls can do nothing in their name', async () => {
  const provision = { purpose: ['TREAT'], actor: { kind: 'application', id: 'thief' } };
  const offer = { consents: [{ id: 'c1', grantee: 'hospital-a', period: {}, provision, keys: [] }] };
  const passOn = (chaincode: string, transaction: string, passed: object) =>
    submitTo(thief, patient, 'Thief:PassOn', { chaincode, transaction, passed });
  expect(await codeOf(passOn('care', 'Access:Offer', offer))).toBe('DAPP_FORBIDDEN');
  const install = { dapp: 'diary', grants: [] };
  expect(await codeOf(passOn('registry', 'DApps:Install', install))).toBe('DAPP_FORBIDDEN');
  const asked = { patient: patient.patient, purpose: 'TREAT', actor: provision.actor };
  expect((await passOn('care', 'Access:Permits', asked)).result).toEqual({ permitted: false });
  await submitTo('care', patient, 'Access:Offer', offer);
  expect((await passOn('care', 'Access:Permits', asked)).result).toEqual({ permitted: true, consent: 'c1' });
  const holder = { dapp: 'diary', holder: patient.patient };
  await submit(patient, 'DApps:Install', install);
  expect((await passOn('registry', 'DApps:Installed', holder)).result).toEqual({ installed: false });
});

test('a DApp knows for which institution a practitioner calls, and for which of its own an organisation may', async () => {
  const operator: Person = { role: 'operator', mspId: hospital.mspId };
  const made = async (field: string, type: string, input: object) => {
    const query = `mutation($input: ${type}!) { ${field}(input: $input) { transaction { id } } }`;
    expect((await graph.ask('patients', operator, query, { input })).errors).toBeUndefined();
  };
  await made('registerInstitution', 'RegisterInstitutionInput', {
    ...{ id: 'hospital-a2', name: 'A2', kind: 'HOSPITAL' },
  });
  await made('registerPractitioner', 'RegisterPractitionerInput', {
    ...{ id: 'dr-a', institution: 'hospital-a', name: 'Dr A' },
  });
  const { custody, ledger, tokens } = graph.services('patients');
  const whose = async (person: Person, institution: string): Promise<unknown> => {
    const signer = await custody.signerFor(await tokens.verify(await graph.token(person)));
    const call = { channel: 'care', chaincode: thief, contract: 'Calls', transaction: 'whose' };
    try {
      const answer = await ledger.evaluate<string>({
        ...call,
        argument: undefined,
        arguments: [institution],
        signer,
      });
      return JSON.parse(answer) as unknown;
    } catch (error) {
      const [peer] = (error as LedgerError).endpoints;
      return /[A-Z]+_[A-Z_]+/.exec(peer?.message ?? '')?.[0];
    }
  };
  const doctor: Person = { ...hospital, role: 'practitioner', practitioner: 'dr-a' };
  expect(await whose(doctor, 'hospital-a')).toEqual({ practitioner: 'dr-a', works: 'hospital-a' });
  expect(await whose(doctor, 'hospital-a2')).toBe('INSTITUTION_FOREIGN');
  for (const person of [hospital, operator])
    for (const own of ['hospital-a', 'hospital-a2'])
      expect(await whose(person, own)).toEqual({ practitioner: null, works: null });
  expect(await whose(operator, 'insurer-a')).toBe('INSTITUTION_FOREIGN');
  // The insurer's CA may call somebody by the doctor's name; they work there no more for that.
  const forged: Person = { ...insurer, role: 'practitioner', practitioner: 'dr-a' };
  expect(await whose(forged, 'insurer-a')).toBe('INSTITUTION_FOREIGN');
});
