import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { MongoClient } from 'mongodb';

const entry = fileURLToPath(new URL('./server.js', import.meta.url));

interface Running {
  readonly child: ChildProcess;
  readonly uri: string;
}

async function start(directory: string): Promise<Running> {
  const child = fork(entry, ['--data', directory]);
  const [message] = (await once(child, 'message')) as [{ type: string; uri: string }];
  expect(message.type).toBe('ready');
  return { child, uri: message.uri };
}

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'documents-durability-'));
});
afterAll(() => rm(directory, { recursive: true }));

interface Row {
  _id: number;
  version: number;
  tag: string;
}

/** Writes until the connection breaks, noting each write that was acknowledged. */
async function writeUntilCut(uri: string, from: number, acknowledged: Map<number, number>): Promise<void> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 500, retryWrites: false });
  const rows = client.db('crash').collection<Row>('rows');
  const writer = async (lane: number): Promise<void> => {
    for (let step = 0; ; step += 1) {
      const _id = from + lane * 1_000 + (step % 200);
      const version = step + 1;
      await rows.updateOne({ _id }, { $set: { version, tag: `t${version % 5}` } }, { upsert: true });
      acknowledged.set(_id, version);
    }
  };
  await Promise.allSettled(Array.from({ length: 8 }, (_, lane) => writer(lane)));
  await client.close();
}

test('whatever was acknowledged is there after kill -9, and indexes equal documents', async () => {
  const acknowledged = new Map<number, number>();
  for (let round = 0; round < 4; round += 1) {
    const { child, uri } = await start(directory);
    const client = await new MongoClient(uri).connect();
    const rows = client.db('crash').collection<Row>('rows');
    await rows.createIndex({ tag: 1, version: 1 });
    const found = await rows.find().hint({ $natural: 1 }).toArray();
    const versions = new Map(found.map(({ _id, version }) => [_id, version]));
    for (const [id, version] of acknowledged) expect(versions.get(id) ?? 0).toBeGreaterThanOrEqual(version);
    expect(await rows.estimatedDocumentCount()).toBe(found.length);
    const indexed = await rows
      .find({ tag: { $gte: '' } })
      .hint('tag_1_version_1')
      .toArray();
    expect(indexed.map(({ _id }) => _id).sort((a, b) => a - b)).toEqual(
      [...versions.keys()].sort((a, b) => a - b),
    );
    for (const { _id } of found.slice(0, 50)) expect(await rows.countDocuments({ _id })).toBe(1);
    await client.close();

    acknowledged.clear();
    for (const [id, version] of versions) acknowledged.set(id, version);
    const before = acknowledged.size;
    const fresh = new Map<number, number>();
    const writing = writeUntilCut(uri, round * 10_000, fresh);
    // The cut comes at a point of the load that differs with every round.
    while (fresh.size < 50 + round * 60) await new Promise(setImmediate);
    child.kill('SIGKILL');
    await Promise.all([once(child, 'exit'), writing]);
    for (const [id, version] of fresh) acknowledged.set(id, version);
    expect(acknowledged.size).toBeGreaterThan(before);
  }
});

test('a server asked to stop answers, closes and exits with 0', async () => {
  const { child, uri } = await start(directory);
  const client = await new MongoClient(uri).connect();
  expect(await client.db('crash').command({ ping: 1 })).toMatchObject({ ok: 1 });
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number];
  expect(code).toBe(0);
  await client.close();
});

test('a directory in use is refused with one line', async () => {
  const { child } = await start(directory);
  const second = fork(entry, ['--data', directory], { silent: true });
  let text = '';
  second.stderr?.on('data', (part: Buffer) => (text += part.toString()));
  const [code] = (await once(second, 'exit')) as [number];
  expect(code).toBe(1);
  expect(text.trim().split('\n')).toHaveLength(1);
  child.kill('SIGTERM');
  await once(child, 'exit');
});
