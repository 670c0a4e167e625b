import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { packageFiles } from '@medigraph/dapp-cli';
import {
  generatePublisherKey,
  type PackageFiles,
  provenanceFile,
  provenanceOf,
  type PublisherKey,
  readPackage,
  signPackage,
  writePackage,
} from '@medigraph/dapp-package';
import { type SentOperation } from '@medigraph/dapp-graph';
import { SandboxHost } from '@medigraph/dapp-sandbox';
import { AddressBook, Steward } from '@medigraph/dapp-steward';
import { organizationIdentity } from '@medigraph/platform/ledger';
import { silentLogger } from '@medigraph/platform/telemetry';
import { type registry, type RegistryTransaction } from '@medigraph/schema';
import { coreSubgraphs } from '@medigraph/schema/composition';
import { chaincodeOf, type DAppManifest, manifestFile, testsFile } from '@medigraph/schema/dapps';
import { LiveGraph, type Person } from '../subgraphs/live-graph.js';

const appointments = fileURLToPath(new URL('../../../marketplace/dapps/appointments', import.meta.url));
const reviewers = ['HospitalAMSP', 'HospitalBMSP', 'InsurerAMSP', 'RegulatorMSP'];
/** It reviews and does not approve; so what runs does not run with it. */
const bystander = 'InsurerBMSP';
const publisher: Person = { role: 'hospital', mspId: 'HospitalAMSP', institution: 'HospitalAMSP' };
const dapp = 'appointments';

let folder: string;
let graph: LiveGraph;
let key: PublisherKey;
let files: PackageFiles;
let manifest: DAppManifest;
const packages = new Map<string, Uint8Array>();
let administrators: Awaited<ReturnType<LiveGraph['administrators']>>;
let stewards: readonly Steward[];
/** What clients send, as one organisation's routers alone know. */
let used: readonly SentOperation[] = [];

/** A steward of some of the organisations, with a sandbox and a folder of its own, as on a machine of theirs. */
async function startSteward(...mspIds: readonly string[]): Promise<Steward> {
  const { ledger, network } = graph.services('patients');
  const addresses = path.join(folder, `${mspIds.join('-')}.json`);
  return Steward.start({
    ledger,
    network,
    organizations: mspIds.map((mspId) => ({
      mspId,
      signer: organizationIdentity(network, mspId),
      administrators: administrators.filter((one) => one.mspId === mspId).map(({ connection }) => connection),
    })),
    packages: {
      read: (sha256) => {
        const found = packages.get(sha256);
        return Promise.resolve(found && Readable.from([found]));
      },
    },
    usage: { operations: () => Promise.resolve(mspIds.includes(bystander) ? used : []) },
    sandbox: new SandboxHost(),
    addresses: await AddressBook.open(addresses),
    core: await coreSubgraphs(),
    platformVersion: '0.1.0',
    log: silentLogger,
    retryMs: 200,
  });
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'medigraph-steward-'));
  graph = await LiveGraph.start();
  administrators = await graph.administrators();
  key = await generatePublisherKey();
  ({ manifest, files } = await packageFiles(appointments));
  const register =
    'mutation($input: RegisterInstitutionInput!) { registerInstitution(input: $input) { institution { id } } }';
  for (const mspId of [...reviewers, bystander]) {
    const input = { id: mspId, name: mspId, kind: mspId === 'RegulatorMSP' ? 'REGULATOR' : 'HOSPITAL' };
    await graph.ask('patients', { role: 'operator', mspId }, register, { input });
  }
  await submit(publisher, 'DApps:RegisterPublisher', {
    id: manifest.publisher,
    name: 'Examples',
    institution: publisher.institution,
    key: key.publicKey,
  });
  stewards = await startStewards();
}, 120_000);
afterAll(async () => {
  await Promise.all(stewards.map((steward) => steward.stop()));
  for (const { connection } of administrators) connection.close();
  await graph.close();
  await rm(folder, { recursive: true, force: true });
});

/** Three of them, none of which can bring a version to run alone. */
const startStewards = (): Promise<Steward[]> =>
  Promise.all([
    startSteward('HospitalAMSP', 'HospitalBMSP'),
    startSteward('InsurerAMSP', 'RegulatorMSP'),
    startSteward(bystander),
  ]);

async function submit(person: Person, name: RegistryTransaction, argument: object): Promise<void> {
  const { custody, ledger, tokens } = graph.services('patients');
  const signer = await custody.signerFor(await tokens.verify(await graph.token(person)));
  const [contract = '', transaction = ''] = name.split(':');
  await ledger.submit({ channel: 'care', chaincode: 'registry', contract, transaction, argument, signer });
}

async function release(version: string): Promise<registry.DAppRelease> {
  const { ledger, network } = graph.services('patients');
  const signer = organizationIdentity(network, 'RegulatorMSP');
  const call = { channel: 'care', chaincode: 'registry', contract: 'DApps', transaction: 'ReadRelease' };
  return ledger.evaluate({ ...call, argument: { dapp, version }, signer });
}

/** Publishes a version as it stands, or with something else in its package. */
async function publish(
  version: string,
  changes: ReadonlyMap<string, string> = new Map(),
  graphPart: DAppManifest['graph'] = manifest.graph,
): Promise<void> {
  const next = { ...manifest, version, graph: graphPart };
  const content = new Map(files);
  content.delete(provenanceFile);
  // Tests of the application take long, and are run elsewhere.
  content.delete(testsFile);
  content.set(manifestFile, Buffer.from(JSON.stringify(next)));
  for (const [name, text] of changes) content.set(name, Buffer.from(text));
  const statement = provenanceOf(content, { entry: 'src/index.ts', sources: new Map(), tools: {} });
  content.set(provenanceFile, Buffer.from(JSON.stringify(statement)));
  const archive = await writePackage(content);
  const { sha256, size } = await readPackage(archive);
  packages.set(sha256, archive);
  const signature = await signPackage({ dapp, version, package: sha256 }, key);
  await submit(publisher, 'DApps:Publish', { manifest: next, package: { sha256, size }, signature });
}

/** The application's part of the graph without one more evaluation. */
const without = (...names: readonly string[]): DAppManifest['graph'] => ({
  ...manifest.graph,
  hidden: [...(manifest.graph?.hidden ?? []), ...names],
});

/** Has the organisations agree on whether major versions may break what is used. */
async function agree(majorsMayBreak: boolean): Promise<void> {
  const { ledger, network } = graph.services('patients');
  const call = { channel: 'care', chaincode: 'registry', contract: 'DApps', transaction: 'ReadPolicy' };
  const signer = organizationIdentity(network, 'RegulatorMSP');
  const { policy } = await ledger.evaluate<registry.ApprovalPolicyState>({ ...call, argument: {}, signer });
  for (const mspId of policy.organizations.slice(0, policy.approvals))
    await submit({ role: 'operator', mspId }, 'DApps:ProposePolicy', { ...policy, majorsMayBreak });
}

/** Waits until an organisation has told what it found of a version. */
async function foundBy(mspId: string, version: string): Promise<registry.Finding[]> {
  for (;;) {
    const found = (await release(version)).reports.find((report) => report.mspId === mspId);
    if (found) return found.findings;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Waits until a version has come to a status. */
async function comes(version: string, status: registry.DAppRelease['status']): Promise<registry.DAppRelease> {
  for (;;) {
    const found = await release(version);
    if (found.status === status) return found;
    if (found.status === 'refused') throw new Error(found.reason);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function approve(version: string): Promise<void> {
  for (const mspId of reviewers)
    await submit({ role: 'operator', mspId }, 'DApps:Approve', { dapp, version });
}

function evaluate(transaction: string, ...args: string[]): Promise<unknown> {
  const { ledger, network } = graph.services('patients');
  const signer = organizationIdentity(network, 'HospitalAMSP');
  const call = { channel: 'care', chaincode: chaincodeOf(dapp), signer, argument: undefined };
  const [contract = '', name = ''] = transaction.split(':');
  return ledger.evaluate({ ...call, contract, transaction: name, arguments: args });
}

/** Writes something with the application. */
async function openSchedule(id: string): Promise<void> {
  await submit(publisher, 'DApps:Install', { dapp, institution: publisher.institution, grants: [] });
  const { custody, ledger, tokens } = graph.services('patients');
  const signer = await custody.signerFor(await tokens.verify(await graph.token(publisher)));
  const terms = {
    id,
    institution: publisher.institution,
    practitioner: 'dr-b',
    service: 'Cardiology',
    slotMinutes: 30,
  };
  const call = { channel: 'care', chaincode: chaincodeOf(dapp), contract: 'Schedules', transaction: 'open' };
  await ledger.submit({ ...call, argument: undefined, arguments: [JSON.stringify(terms)], signer });
}

/** Waits until the stewards of those who approve run one version of the application, or none. */
async function runs(...versions: readonly string[]): Promise<void> {
  while (stewards.slice(0, -1).some(({ running }) => [...running.values()].join() !== versions.join()))
    await new Promise((resolve) => setTimeout(resolve, 100));
}

test('what is published is checked, and what is approved runs', async () => {
  await publish('1.0.0');
  const { reports } = await comes('1.0.0', 'checked');
  expect(reports[0]).toMatchObject({ outcome: 'passed' });
  await approve('1.0.0');
  await comes('1.0.0', 'active');
  await runs('1.0.0');
  expect(await evaluate('Schedules:ofInstitution', 'nowhere')).toBe('[]');
}, 60_000);

test('a version whose own test fails is refused with the name of the test', async () => {
  const failing = "require('node:test')('books twice', () => { throw new Error('it does not'); });";
  await publish('1.0.1-rc.1', new Map([[testsFile, failing]]));
  const { reason } = await comes('1.0.1-rc.1', 'refused');
  expect(reason).toBe('TEST_FAILED: books twice: it does not');
}, 60_000);

test('a version that reaches for what it may not have is refused with the place, and the one that runs goes on', async () => {
  const { entry } = manifest.contracts;
  const bundle = Buffer.from(files.get(entry) ?? '').toString();
  await publish('1.0.1', new Map([[entry, `${bundle}\nrequire('node:fs');`]]));
  await expect(comes('1.0.1', 'checked')).rejects.toThrow();
  const { reports } = await release('1.0.1');
  expect(reports[0]?.findings).toContainEqual(expect.objectContaining({ severity: 'error' }));
  expect(await evaluate('Schedules:ofInstitution', 'nowhere')).toBe('[]');
}, 60_000);

test('a version that takes away what clients send is refused with how often they do', async () => {
  const documents = [
    '{ appointments_myAppointments { id } }',
    '{ _0: appointments_myAppointments { status } }',
  ];
  used = documents.map((document, index) => ({
    document,
    count: 3 + index,
    lastUsedAt: new Date(`2026-01-0${index + 1}T03:04:05Z`),
  }));
  // A minor one, whatever organisations let major ones do; and a major one that they do not let.
  for (const [version, majorsMayBreak] of [
    ['1.0.2', true],
    ['2.0.0', false],
  ] as const) {
    await agree(majorsMayBreak);
    await publish(version, new Map(), without('Appointments:mine'));
    const { reason, reports } = await comes(version, 'refused');
    expect(reason).toContain('CLIENTS_BROKEN');
    expect(reports.find(({ mspId }) => mspId === bystander)?.findings).toContainEqual({
      check: 'clients',
      severity: 'error',
      code: 'CLIENTS_BROKEN',
      message:
        'Query.appointments_myAppointments: it is gone. Clients have sent what needs it 7 times in the last days, last at 2026-01-02T03:04:05.000Z.',
      location: 'Query.appointments_myAppointments',
    });
  }
}, 60_000);

test('a major version takes it away where organisations agreed that it may, and those who vote are warned', async () => {
  await agree(true);
  await publish('2.0.1', new Map(), without('Appointments:mine', 'Appointments:ofDay'));
  const ofClients = (await foundBy(bystander, '2.0.1')).filter(({ check }) => check === 'clients');
  expect(ofClients.map(({ severity, code }) => `${severity} ${code}`)).toEqual([
    'warning CLIENTS_BROKEN',
    'note GRAPH_CHANGED',
    'note GRAPH_CHANGED',
  ]);
  expect((await comes('2.0.1', 'checked')).reports.every(({ outcome }) => outcome === 'passed')).toBe(true);
}, 60_000);

test('an upgrade runs in its place, keeps the state, and can be rolled back', async () => {
  await openSchedule('cardio');
  await publish('2.1.0');
  await comes('2.1.0', 'checked');
  await approve('2.1.0');
  await comes('2.1.0', 'active');
  expect((await release('1.0.0')).status).toBe('superseded');
  await runs('2.1.0');
  const kept = expect.stringContaining('"id":"cardio"') as unknown;
  expect(await evaluate('Schedules:ofInstitution', 'HospitalAMSP')).toEqual(kept);
  await submit(publisher, 'DApps:RollBack', { dapp, version: '1.0.0' });
  await comes('1.0.0', 'active');
  await runs('1.0.0');
  expect(await evaluate('Schedules:ofInstitution', 'HospitalAMSP')).toEqual(kept);
}, 60_000);

test('stewards that start again have everything run as before', async () => {
  await Promise.all(stewards.map((steward) => steward.stop()));
  stewards = await startStewards();
  const answer = async (): Promise<unknown> => {
    for (;;) {
      try {
        return await evaluate('Schedules:ofInstitution', 'nowhere');
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  };
  expect(await answer()).toBe('[]');
}, 60_000);

test('a DApp that is revoked stops', async () => {
  await submit({ role: 'regulator', mspId: 'RegulatorMSP' }, 'DApps:Revoke', {
    dapp,
    reason: 'It harms patients.',
    regulator: 'RegulatorMSP',
  });
  await runs();
  await expect(evaluate('Schedules:ofInstitution', 'nowhere')).rejects.toMatchObject({
    code: 'EVALUATE_FAILED',
  });
}, 60_000);
