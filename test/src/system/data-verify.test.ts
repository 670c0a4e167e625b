/** `medigraph data verify` as people run it, and the sweep that does the same in the background. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startDocuments } from '@medigraph/embedded-documents';
import { DataFolder } from '@medigraph/launcher';
import { createLogger, createMetrics } from '@medigraph/platform/telemetry';
import { connectDocuments } from '@medigraph/platform/documents';
import { loadConnectionProfile } from '@medigraph/platform/ledger';
import { EntryIndex, FileService, FileSweep } from '@medigraph/subgraph-records/files';
import { Binary, type Db, MongoClient } from 'mongodb';
import { registerInstitutions, registerPatient } from './case.js';
import { addFile, beginUpload, sendBytes } from './files.js';
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
      [command, 'data', 'verify', '--data', data, ...more],
      (_, output, errors) => resolve({ code: child.exitCode ?? -1, output, errors }),
    );
  });

let system: RunningSystem;
let copies: string;
let files: string[];
let pending: string;

beforeAll(async () => {
  copies = await mkdtemp(path.join(tmpdir(), 'medigraph-data-verify-'));
  system = await RunningSystem.start();
  await registerInstitutions(system);
  const patient = await registerPatient(system);
  const self = `patient:${patient}`;
  const scan = { name: 'a', contentType: 'image/png', date: '2026-01-01' };
  files = [];
  for (const size of [10, 2_000_000, 3_000_000])
    files.push((await addFile(system, self, scan, randomBytes(size))).id);
  const upload = await beginUpload(system, self, { ...scan, size: 2_000_000 });
  await sendBytes(system, self, upload.url, 0, randomBytes(1_500_000));
  pending = upload.id;
  await system.stop();
}, 120_000);

afterAll(async () => {
  await system.close();
  await rm(copies, { recursive: true, force: true });
});

/** A copy of the data folder in which somebody has changed the stored files. */
async function tampered(name: string, change: (files: Db) => Promise<unknown>): Promise<DataFolder> {
  const folder = path.join(copies, name);
  await cp(system.folder, folder, { recursive: true });
  const data = new DataFolder(folder);
  const documents = await startDocuments({ dataDir: data.documents });
  const client = await MongoClient.connect(documents.uri);
  try {
    await change(client.db('medigraph_records_files'));
  } finally {
    await client.close();
    await documents.close();
  }
  return data;
}

const segment = (of: string | undefined, n: number) => ({ files_id: of ?? '', n });

test('a data folder that is right is said to be, uploads under way included', async () => {
  const { code, output } = await verify(system.folder);
  expect(output).toMatch(/^✓ files +3 files, 5\d{6} bytes$/m);
  expect(output).toMatch(/^✓ read models records +\d+ documents$/m);
  expect(code).toBe(0);
}, 60_000);

test('everything that was tampered with is told, and which', async () => {
  const [first, second, third] = files;
  const data = await tampered('all', async (db) => {
    const chunks = db.collection('fs.chunks');
    const found = await chunks.findOne(segment(second, 1));
    const bytes = Buffer.from((found?.['data'] as Binary).buffer);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await chunks.updateOne(segment(second, 1), { $set: { data: new Binary(bytes) } });
    await chunks.deleteOne(segment(third, 2));
    await db.collection<{ _id: string }>('fs.files').deleteOne({ _id: first ?? '' });
    await chunks.insertOne({ ...segment('somebody:else', 0), data: new Binary(Buffer.from('x')) });
  });
  const { code, output, errors } = await verify(data.path, '--json');
  expect(code).toBe(1);
  expect(errors).toMatch(/^FILES_TAMPERED: 4 stored files are not the ledger's; .*$/m);
  const { files: found } = JSON.parse(output) as {
    files: { files: number; findings: { id: string; problem: string }[] };
  };
  expect(found.files).toBe(0);
  expect(Object.fromEntries(found.findings.map(({ id, problem }) => [id, problem]))).toEqual({
    [first ?? '']: 'missing',
    [second ?? '']: 'altered',
    [third ?? '']: 'altered',
    'somebody:else': 'unknown',
  });
}, 60_000);

describe('the sweep in the background', () => {
  test('finds the same, gives up what nobody sends any more, and counts', async () => {
    const [, second] = files;
    const data = await tampered('sweep', (db) => db.collection('fs.chunks').deleteOne(segment(second, 1)));
    const server = await startDocuments({ dataDir: data.documents });
    const documents = await connectDocuments(server.uri, 'medigraph_records');
    const metrics = createMetrics();
    try {
      const network = await loadConnectionProfile(path.join(data.network, 'connection.json'));
      const service = new FileService(documents.connection);
      const sweep = new FileSweep({
        files: service,
        index: new EntryIndex(documents.connection, network),
        logger: createLogger({ name: 'sweep', level: 'silent' }),
        metrics,
        pace: { everyMs: 1, bytesPerSecond: 1e12, patienceMs: -1_000 },
      });
      expect(await service.uploads.has(pending)).toBe(true);
      const report = await sweep.pass();
      expect(report).toMatchObject({ checked: 3, tampered: [second], removed: 1 });
      expect(await service.uploads.has(pending)).toBe(false);
      expect(await service.bucket.count(pending)).toBe(0);
      const counted = await metrics.registry.getSingleMetricAsString('medigraph_files_checked_total');
      expect(counted).toMatch(/outcome="altered"} 1/);
      expect(counted).toMatch(/outcome="right"} 2/);
    } finally {
      await documents.close();
      await server.close();
    }
  }, 60_000);
});
