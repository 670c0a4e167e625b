import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { GraphClient } from '@medigraph/launcher';
import { type FileOutcome, importFile, planImport } from '@medigraph/launcher/imports';
import { eventually } from '../system/eventually.js';
import { LiveGraph, type Person } from './live-graph.js';

const hospital: Person = { role: 'hospital', mspId: 'HospitalAMSP', institution: 'hospital-a' };

let graph: LiveGraph;
let folder: string;
let patient: string;
let client: GraphClient;

beforeAll(async () => {
  graph = await LiveGraph.start();
  folder = await mkdtemp(path.join(tmpdir(), 'medigraph-import-'));
  const input = { id: 'hospital-a', name: 'A', kind: 'HOSPITAL' };
  const register =
    'mutation($input: RegisterInstitutionInput!) { registerInstitution(input: $input) { institution { id } } }';
  await graph.ask('patients', { role: 'operator', mspId: 'HospitalAMSP' }, register, { input });
  const { data } = await graph.ask(
    'patients',
    hospital,
    'mutation { registerPatient(input: { identifier: "MRN-1" }) { patient { id } } }',
  );
  patient = (data?.['registerPatient'] as { patient: { id: string } }).patient.id;
  const authorize =
    'mutation { authorizeStorage(input: { institutions: ["hospital-a"] }) { transaction { id } } }';
  const authorized = await graph.ask(
    'records',
    { role: 'patient', mspId: 'PatientsMSP', patient },
    authorize,
  );
  expect(authorized.errors).toBeUndefined();
  client = new GraphClient(graph.subgraph('records').url, await graph.token(hospital));
}, 120_000);

afterAll(async () => {
  await graph.close();
  await rm(folder, { recursive: true, force: true });
});

const observation = (name: string, changes: object = {}) => ({
  resourceType: 'Observation',
  id: name,
  status: 'final',
  code: { text: name },
  subject: { reference: 'Patient/MRN-1' },
  effectiveDateTime: '2026-03-01',
  ...changes,
});
const ndjson = (...resources: object[]) => resources.map((one) => JSON.stringify(one)).join('\n');

async function imported(name: string, content: string | Uint8Array): Promise<FileOutcome[]> {
  const file = path.join(folder, name);
  await writeFile(file, content);
  const outcomes: FileOutcome[] = [];
  const plan = await planImport(file, name.includes('.ndjson') ? 'ndjson' : 'bundle');
  await importFile(plan, { client, patient, knownAs: [], onOutcomes: (some) => void outcomes.push(...some) });
  return outcomes;
}

test('a file of bulk data is imported in batches, told line by line, and the second time nothing is new', async () => {
  const good = Array.from({ length: 350 }, (_, index) => observation(`bulk-${index}`));
  const lines = `${ndjson(...good)}\n{"resourceType":\n${ndjson(observation('wrong', { status: 'done' }), observation('mixed', { subject: { reference: 'Patient/MRN-2' } }))}`;
  const first = await imported('bulk.ndjson.gz', gzipSync(lines));
  expect(first.filter(({ status }) => status === 'STORED')).toHaveLength(350);
  const refused = first
    .filter(({ status }) => status === 'REFUSED')
    .sort((a, b) => a.location.localeCompare(b.location));
  expect(refused.map(({ location, code, issues }) => [location, code, issues?.[0]?.expression[0]])).toEqual([
    ['line 351', 'FHIR_INVALID', 'Resource'],
    ['line 352', 'FHIR_INVALID', 'Observation.status'],
    ['line 353', 'FHIR_INVALID', 'Observation.subject.reference'],
  ]);
  const again = await imported('bulk.ndjson', lines);
  expect(again.filter(({ status }) => status === 'EXISTING')).toHaveLength(350);
}, 120_000);

test('a bundle in a file names its faults by their place in it', async () => {
  const entry = [
    {
      fullUrl: 'urn:uuid:1a1a1a1a-1111-4111-8111-111111111111',
      resource: { resourceType: 'Patient', name: [{ text: 'Ada' }] },
    },
    {
      resource: observation('b1', {
        subject: { reference: 'urn:uuid:1a1a1a1a-1111-4111-8111-111111111111' },
      }),
    },
    {
      resource: observation('b2', { subject: { reference: 'Patient/MRN-2' }, valueQuantity: { value: '1' } }),
    },
  ];
  const outcomes = await imported(
    'bundle.json',
    JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry }),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(['STORED', 'STORED', 'REFUSED']);
  expect(outcomes[2]?.issues?.map(({ expression }) => expression[0])).toEqual([
    'Bundle.entry[2].resource.valueQuantity.value',
  ]);
});

test('of a file that is cut off nothing is stored', async () => {
  const whole = JSON.stringify({
    resourceType: 'Bundle',
    type: 'collection',
    entry: [{ resource: observation('cut') }, { resource: observation('off') }],
  });
  await expect(imported('cut.json', whole.slice(0, -3))).rejects.toMatchObject({ code: 'IMPORT_UNREADABLE' });
  await expect(
    imported('cut.ndjson.gz', gzipSync(ndjson(observation('cut'))).subarray(0, 60)),
  ).rejects.toMatchObject({ code: 'IMPORT_UNREADABLE' });
  const [outcome] = await imported('whole.json', whole);
  expect(outcome?.status).toBe('STORED');
});

/** A process that watches a folder until it is told to stop, or killed. */
async function watching(watched: string) {
  const program = `
    const { WatchedFolder, planImport, importFile } = await import(process.env.IMPORTS);
    const { GraphClient } = await import(process.env.LAUNCHER);
    const client = new GraphClient(process.env.GRAPH, process.env.TOKEN);
    const stop = new AbortController();
    process.on('SIGTERM', () => stop.abort());
    const work = async (file, onOutcomes) => importFile(await planImport(file, 'ndjson'), {
      client, patient: process.env.PATIENT, knownAs: [],
      onOutcomes: async (some) => { await onOutcomes(some); console.log('batch'); },
    });
    await new WatchedFolder({ folder: process.env.FOLDER, work, say: console.log, signal: stop.signal, intervalMs: 50 }).run();`;
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      IMPORTS: import.meta.resolve('@medigraph/launcher/imports'),
      LAUNCHER: import.meta.resolve('@medigraph/launcher'),
      GRAPH: graph.subgraph('records').url,
      TOKEN: await graph.token(hospital),
      PATIENT: patient,
      FOLDER: watched,
    },
  });
  return child;
}

test('a watched folder survives a kill in the middle, without loss or duplicate', async () => {
  const watched = path.join(folder, 'watched');
  await mkdir(watched);
  const put = async (name: string, content: string): Promise<void> => {
    await writeFile(path.join(watched, `.${name}`), content);
    await rename(path.join(watched, `.${name}`), path.join(watched, name));
  };
  const names = Array.from({ length: 350 }, (_, index) => observation(`watched-${index}`));
  await put('history.ndjson', ndjson(...names));
  const first = await watching(watched);
  await once(first.stdout, 'data');
  first.kill('SIGKILL');
  await once(first, 'exit');
  expect(await readdir(path.join(watched, 'working'))).toContain('history.ndjson');

  const second = await watching(watched);
  try {
    await put('wrong.ndjson', ndjson(observation('watched-0'), observation('bad', { status: 'done' })));
    const finished = ['done', 'failed'].map((name) => path.join(watched, name));
    await eventually(
      'both files are done with',
      async () => (await Promise.all(finished.map((one) => readdir(one)))).map((names) => names.sort()),
      ([done, failed]) => done?.length === 2 && failed?.length === 2,
      120_000,
    );
  } finally {
    second.kill('SIGTERM');
    await once(second, 'exit');
  }
  const report = await reportIn(path.join(watched, 'done', 'history.ndjson.report.ndjson'));
  const end = report.at(-1) as { STORED: number; EXISTING: number; REFUSED: number };
  expect(end.REFUSED).toBe(0);
  expect(end.EXISTING).toBeGreaterThan(0);
  expect(end.STORED + end.EXISTING).toBe(350);
  expect(new Set(report.slice(0, -1).map((one) => (one as FileOutcome).entry)).size).toBe(350);
  const wrong = await reportIn(path.join(watched, 'failed', 'wrong.ndjson.report.ndjson'));
  expect(wrong).toMatchObject([
    { status: 'EXISTING' },
    { status: 'REFUSED', issues: [{ expression: ['Observation.status'] }] },
    { REFUSED: 1 },
  ]);
  expect(await readdir(path.join(watched, 'working'))).toEqual([]);
}, 240_000);

async function reportIn(file: string): Promise<unknown[]> {
  return (await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}
