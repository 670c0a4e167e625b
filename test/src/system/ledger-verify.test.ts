/** `medigraph ledger verify` as people run it, on data folders that are right, damaged, in use, and none. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startDocuments } from '@medigraph/embedded-documents';
import { DataFolder } from '@medigraph/launcher';
import { ClassicLevel } from 'classic-level';
import { MongoClient } from 'mongodb';
import { RunningSystem } from './running-system.js';

const command = fileURLToPath(new URL('../../../launcher/bin/medigraph.mjs', import.meta.url));

interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

const verify = (data: string, ...more: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [command, 'ledger', 'verify', '--data', data, ...more],
      (_, output, errors) => resolve({ code: child.exitCode ?? -1, output, errors }),
    );
  });

let system: RunningSystem;
let copies: string;
let whileRunning: Ended;

beforeAll(async () => {
  copies = await mkdtemp(path.join(tmpdir(), 'medigraph-verify-'));
  system = await RunningSystem.start();
  const register =
    'mutation { registerInstitution(input: { id: "hospital-a", name: "A", kind: HOSPITAL }) { institution { id } } }';
  await system.data('operator:hospital-a', register);
  whileRunning = await verify(system.folder);
  await system.stop();
}, 120_000);

afterAll(async () => {
  await system.close();
  await rm(copies, { recursive: true, force: true });
});

/** A data folder like the system's, that may be damaged. */
async function copy(name: string): Promise<DataFolder> {
  const folder = path.join(copies, name);
  await cp(system.folder, folder, { recursive: true });
  return new DataFolder(folder);
}

test('a data folder that is right is said to be, channel by channel and read model by read model', async () => {
  const { code, output } = await verify(system.folder);
  expect(code).toBe(0);
  const lines = output.trim().split('\n');
  for (const line of lines) expect(line).toMatch(/^✓ /);
  expect(output).toMatch(/^✓ care +\d+ blocks, \d+ transactions, \d+ signatures$/m);
  expect(output).toMatch(/^✓ read models patients +\d+ documents$/m);

  const quick = await verify(system.folder, '--quick', '--json');
  expect(quick.code).toBe(0);
  const { ledger, ...more } = JSON.parse(quick.output) as { readonly ledger: readonly object[] };
  expect(ledger).toContainEqual({ channel: 'care', blocks: expect.any(Number) });
  expect(more).toEqual({});
}, 60_000);

test('a data folder that something runs on is left alone', () => {
  expect(whileRunning.code).toBe(1);
  expect(whileRunning.errors).toMatch(/^ALREADY_RUNNING: .*\n$/m);
});

test('a folder without a ledger is one clear failure', async () => {
  const { code, errors } = await verify(path.join(copies, 'none'));
  expect(code).toBe(1);
  expect(errors).toMatch(/^NO_LEDGER: .*\n$/m);
});

test('a ledger whose state is not what its blocks wrote is said to be broken, and where', async () => {
  const data = await copy('state');
  const store = new ClassicLevel<Buffer, Buffer>(path.join(data.ledger, 'care', 'store'), {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
  });
  // Entries of the state begin with an s; those of the contract suite `care` go on with its name.
  const [[key, value] = []] = await store
    .iterator({ gte: Buffer.from('scare\0'), lt: Buffer.from('scare\u0001'), limit: 1 })
    .all();
  if (key === undefined || value === undefined) throw new Error('there is no state');
  await store.put(key, Buffer.concat([value, Buffer.of(0)]));
  await store.close();

  const { code, output, errors } = await verify(data.path);
  expect(code).toBe(1);
  expect(errors).toMatch(/^LEDGER_BROKEN: care: the state of care, key .* is not what its blocks wrote$/m);
  expect(output).toMatch(/^✗ care /m);
  expect(output).toMatch(/^✓ claims-insurer-a /m);
  // That is not seen by a look at the chain alone.
  expect((await verify(data.path, '--quick')).code).toBe(0);
}, 60_000);

test('read models that are not what the ledger comes to are said to be broken, and which', async () => {
  const data = await copy('read-models');
  const documents = await startDocuments({ dataDir: data.documents });
  const client = await MongoClient.connect(documents.uri);
  try {
    const institutions = client.db('medigraph_patients').collection('patients_registry_institutions');
    const { modifiedCount } = await institutions.updateOne({}, { $set: { name: 'Another' } });
    expect(modifiedCount).toBe(1);
  } finally {
    await client.close();
    await documents.close();
  }

  const { code, output, errors } = await verify(data.path);
  expect(code).toBe(1);
  expect(errors).toMatch(/^READ_MODELS_BROKEN: patients: patients_registry_institutions: /m);
  expect(output).toMatch(/^✓ care /m);
  expect(output).toMatch(/^✗ read models patients /m);
}, 60_000);
