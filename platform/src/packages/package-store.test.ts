import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mongo } from 'mongoose';
import { connectDocuments, type Documents } from '../documents/index.js';
import { filesDatabase } from '../files/index.js';
import { documentsForTests } from '../testing/documents-server.js';
import { PackageStore, type StoredPackage } from './index.js';

let documents: Documents;
afterAll(async () => {
  await filesDatabase(documents.connection).dropDatabase();
  await documents.close();
});
const uri = documentsForTests();
let store: PackageStore;
beforeAll(async () => {
  documents = await connectDocuments(uri(), `packages_test_${randomBytes(4).toString('hex')}`);
  store = new PackageStore({
    connection: documents.connection,
    packageBytes: 1_000_000,
    ownerBytes: 1_500_000,
  });
});

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const chunks = () => filesDatabase(documents.connection).collection('package_files.chunks');

async function* sent(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += 100_000)
    yield await Promise.resolve(bytes.subarray(from, from + 100_000));
}
const put = (owner: string, bytes: Buffer, announced?: number): Promise<StoredPackage> =>
  store.put({ sha256: digestOf(bytes), owner, ...(announced !== undefined && { announced }) }, sent(bytes));
const code = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'kept',
    (error: unknown) => (error as { readonly code?: unknown }).code,
  );

test('packages of one owner have a quota, whatever is said of them, also when they come at once', async () => {
  const [first, second] = [randomBytes(800_000), randomBytes(800_000)];
  const outcomes = await Promise.all([code(put('acme', first)), code(put('acme', second))]);
  expect(outcomes.sort()).toEqual(['PACKAGE_QUOTA_EXCEEDED', 'kept']);
  expect(await code(put('acme', randomBytes(800_000), 1))).toBe('PACKAGE_QUOTA_EXCEEDED');
  expect(await code(put('acme', randomBytes(10), 900_000))).toBe('PACKAGE_QUOTA_EXCEEDED');
  expect(await code(put('acme', randomBytes(700_000)))).toBe('kept');
  expect(await code(put('other', randomBytes(800_000)))).toBe('kept');
  // What was refused has left nothing.
  const kept = await filesDatabase(documents.connection).collection('packages').countDocuments();
  expect(kept).toBe(3);
  expect((await chunks().distinct('files_id')).length).toBe(3);
});

test('what broken uploads left is removed, and nothing that is on its way or kept', async () => {
  const bytes = randomBytes(300_000);
  await put('sweeper', bytes);
  const before = (await chunks().distinct('files_id')).length;
  const left = mongo.ObjectId.createFromTime(Math.floor(Date.now() / 1000) - 7_200);
  const young = new mongo.ObjectId();
  for (const files_id of [left, young])
    await chunks().insertOne({ files_id, n: 0, data: new mongo.Binary(randomBytes(100)) });
  const fileOnly = mongo.ObjectId.createFromTime(Math.floor(Date.now() / 1000) - 7_201);
  await filesDatabase(documents.connection)
    .collection('package_files.files')
    .insertOne({ _id: fileOnly, length: 0, chunkSize: 1, uploadDate: new Date() });
  const all = (digests: readonly string[]) => Promise.resolve(new Set(digests));
  expect(await store.sweep({ published: all })).toEqual({ broken: 2, unpublished: 0 });
  expect((await chunks().distinct('files_id')).length).toBe(before + 1);
  expect(await chunks().countDocuments({ files_id: young })).toBe(1);
  const read = await store.read(digestOf(bytes));
  const parts: Buffer[] = [];
  for await (const part of read?.bytes ?? []) parts.push(part);
  expect(Buffer.concat(parts).equals(bytes)).toBe(true);
});

test('what nobody published gives its room back, unless somebody wants it now', async () => {
  const [published, wanted, unwanted] = [randomBytes(100), randomBytes(101), randomBytes(102)];
  for (const bytes of [published, wanted, unwanted]) await put('forgetful', bytes);
  const packages = filesDatabase(documents.connection).collection<{ _id: string; wantedAt: Date }>(
    'packages',
  );
  const longAgo = new Date(Date.now() - 30 * 86_400_000);
  await packages.updateMany({ owner: 'forgetful' }, { $set: { wantedAt: longAgo } });
  const swept = await store.sweep({
    published: async () => {
      // As it is found to be old, its publisher publishes it.
      await store.want(digestOf(wanted));
      return new Set([digestOf(published)]);
    },
  });
  expect(swept).toEqual({ broken: 0, unpublished: 1 });
  expect(await store.find(digestOf(published))).toBeDefined();
  expect(await store.find(digestOf(wanted))).toBeDefined();
  expect(await store.find(digestOf(unwanted))).toBeUndefined();
});
