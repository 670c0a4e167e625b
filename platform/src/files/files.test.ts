import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mongo } from 'mongoose';
import { connectDocuments, type Documents } from '../documents/index.js';
import { documentsForTests } from '../testing/documents-server.js';
import {
  ciphertextLength,
  FileBucket,
  type FileKey,
  FileReader,
  filesDatabase,
  segmentBytes,
  type Upload,
  UploadStore,
  UploadWriter,
} from './index.js';

let documents: Documents;

// Before the server is asked for: what is registered first is done first, and the server ends last.
afterAll(async () => {
  await filesDatabase(documents.connection).dropDatabase();
  await documents.close();
});

const uri = documentsForTests();
const key: FileKey = { key: randomBytes(32), associatedData: Buffer.from('someone:image') };
const patient = 'a'.repeat(40);
const quota = 20_000_000;

let bucket: FileBucket;
let uploads: UploadStore<object>;
let writer: UploadWriter;
let reader: FileReader;

beforeAll(async () => {
  documents = await connectDocuments(uri(), `files_test_${randomBytes(4).toString('hex')}`);
  bucket = new FileBucket(documents.connection);
  uploads = new UploadStore(documents.connection, bucket, quota);
  writer = new UploadWriter(bucket, uploads);
  reader = new FileReader(bucket);
});

let ids = 0;
const begin = (size: number, of = randomBytes(20).toString('hex')): Promise<Upload<object>> =>
  uploads.begin({ id: `upload-${(ids += 1)}`, patient: of, owner: of, size, details: {} });
const again = ({ id, owner }: Upload): Promise<Upload<object>> => uploads.get(id, owner);

async function* stream(bytes: Buffer, piece = 100_000): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += piece) {
    await Promise.resolve();
    yield bytes.subarray(from, from + piece);
  }
}

async function* broken(bytes: Buffer): AsyncGenerator<Buffer> {
  yield* stream(bytes);
  throw new Error('the connection has gone');
}

async function all(parts: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const found: Uint8Array[] = [];
  for await (const part of parts) found.push(part);
  return Buffer.concat(found);
}

async function stored(bytes: Buffer): Promise<Upload<object>> {
  const upload = await begin(bytes.length);
  await writer.append(upload, key, 0, stream(bytes));
  await writer.complete(await again(upload), ciphertextLength(bytes.length));
  await uploads.finish(upload.id);
  return upload;
}

describe('a file', () => {
  test.each([1, 1_048_519, 1_048_520, 1_048_521, 3_000_000])('of %d bytes comes back', async (size) => {
    const bytes = randomBytes(size);
    const { id } = await stored(bytes);
    const digest = await reader.digest(id);
    expect(digest.size).toBe(ciphertextLength(size));
    expect((await all(reader.read(id, key, digest))).equals(bytes)).toBe(true);
  });

  test('is GridFS that the driver reads, and Tink’s format', async () => {
    const bytes = randomBytes(2_500_000);
    const { id } = await stored(bytes);
    const driver = new mongo.GridFSBucket(filesDatabase(documents.connection));
    const [found] = await driver.find({ filename: id }).toArray();
    expect(found).toMatchObject({ length: ciphertextLength(bytes.length), chunkSize: segmentBytes });
    const ciphertext = await all(driver.openDownloadStreamByName(id));
    const digest = { size: ciphertext.length, sha256: createHash('sha256').update(ciphertext).digest('hex') };
    expect(await reader.digest(id)).toEqual(digest);
    expect(ciphertext.includes(bytes.subarray(0, 32))).toBe(false);
  });

  test.each([
    [0, 0],
    [0, 2_999_999],
    [1_048_519, 1_048_520],
    [1_048_520, 1_048_520],
    [2_999_999, 2_999_999],
    [500, 2_500_000],
  ])('is read from byte %d to %d', async (first, last) => {
    const bytes = randomBytes(3_000_000);
    const { id } = await stored(bytes);
    const range = await all(reader.readRange(id, key, await reader.digest(id), { first, last }));
    expect(range.equals(bytes.subarray(first, last + 1))).toBe(true);
  });
});

describe('an upload', () => {
  test('goes on where it was broken off, whatever the sizes of what is sent', async () => {
    const bytes = randomBytes(3_333_333);
    const upload = await begin(bytes.length);
    let sent = 0;
    for (const length of [10, 1_048_519, 700_000, 1_500_000]) {
      const part = bytes.subarray(sent, sent + length);
      await expect(writer.append(await again(upload), key, sent, broken(part))).rejects.toThrow('has gone');
      sent += length;
      expect(await writer.offset(await again(upload))).toBe(sent);
    }
    // Another process has none of what the first one remembers.
    const another = new UploadWriter(bucket, uploads);
    expect(await another.append(await again(upload), key, sent, stream(bytes.subarray(sent)))).toBe(
      bytes.length,
    );
    const digest = await reader.digest(upload.id);
    expect((await all(reader.read(upload.id, key, digest))).equals(bytes)).toBe(true);
  });

  test('stands where its segments do after a crash, and never seals one twice', async () => {
    const bytes = randomBytes(3_000_000);
    const upload = await begin(bytes.length);
    await expect(writer.append(upload, key, 0, broken(bytes.subarray(0, 1_048_600)))).rejects.toThrow();
    const first = await bucket.segment(upload.id, 0);
    // As if the process had died before it said how far the tail had come.
    await uploads.keepTail(upload.id, undefined);
    expect(await writer.offset(await again(upload))).toBe(1_048_520);
    await writer.append(await again(upload), key, 1_048_520, stream(bytes.subarray(1_048_520)));
    expect((await bucket.segment(upload.id, 0))?.equals(first ?? Buffer.alloc(0))).toBe(true);
    expect((await all(reader.read(upload.id, key, await reader.digest(upload.id)))).equals(bytes)).toBe(true);
  });

  test('refuses another place than its own, and says which is', async () => {
    const upload = await begin(2_000_000);
    await writer.append(upload, key, 0, stream(randomBytes(1000)));
    for (const from of [0, 999, 1001])
      await expect(
        writer.append(await again(upload), key, from, stream(Buffer.alloc(1))),
      ).rejects.toMatchObject({
        code: 'UPLOAD_OFFSET_INVALID',
        offset: 1000,
      });
  });

  test('takes no more than was said', async () => {
    const upload = await begin(1000);
    await expect(writer.append(upload, key, 0, stream(Buffer.alloc(1001)))).rejects.toMatchObject({
      code: 'FILE_TOO_LARGE',
    });
    await expect(writer.complete(await again(upload), 0)).rejects.toMatchObject({
      code: 'UPLOAD_INCOMPLETE',
    });
  });

  test('is sent to by one request at a time, of one process or of two', async () => {
    const bytes = randomBytes(2_000_000);
    const upload = await begin(bytes.length);
    const one = writer.append(upload, key, 0, stream(bytes));
    await expect(writer.append(upload, key, 0, stream(bytes))).rejects.toMatchObject({ code: 'UPLOAD_BUSY' });
    await one;
    const shared = await begin(bytes.length);
    const outcomes = await Promise.allSettled(
      [writer, new UploadWriter(bucket, uploads)].map((each) => each.append(shared, key, 0, stream(bytes))),
    );
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'UPLOAD_BUSY' });
    const offset = await writer.offset(await again(shared));
    await writer.append(await again(shared), key, offset, stream(bytes.subarray(offset)));
    expect((await all(reader.read(shared.id, key, await reader.digest(shared.id)))).equals(bytes)).toBe(true);
  });

  test('is nobody else’s', async () => {
    const { id } = await begin(1000);
    await expect(uploads.get(id, 'somebody')).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
  });

  test('counts against what is kept of a person, before its first byte', async () => {
    const of = randomBytes(20).toString('hex');
    const begun = await Promise.allSettled(Array.from({ length: 6 }, () => begin(quota / 4, of)));
    const refused = begun.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThanOrEqual(2);
    for (const one of refused)
      expect((one as PromiseRejectedResult).reason).toMatchObject({ code: 'FILE_QUOTA_EXCEEDED' });
    await expect(begin(quota + 1)).rejects.toMatchObject({ code: 'FILE_QUOTA_EXCEEDED' });
  });

  test('leaves nothing when it is given up', async () => {
    const upload = await begin(2_000_000, patient);
    await expect(writer.append(upload, key, 0, broken(randomBytes(1_500_000)))).rejects.toThrow();
    expect(await bucket.unpublished()).toContain(upload.id);
    await bucket.remove(upload.id);
    await uploads.finish(upload.id);
    expect(await bucket.unpublished()).not.toContain(upload.id);
    expect(await bucket.stored(patient)).toBe(0);
    expect(await bucket.count(upload.id)).toBe(0);
  });
});

describe('what was altered where it is stored is refused, and given up to there', () => {
  const bytes = randomBytes(3_500_000);
  const chunks = () => filesDatabase(documents.connection).collection('fs.chunks');

  const alterations: Record<string, (id: string) => Promise<unknown>> = {
    'a segment': async (id) => {
      const segment = Buffer.from((await bucket.segment(id, 2)) ?? []);
      segment[77] = (segment[77] ?? 0) ^ 4;
      return chunks().updateOne({ files_id: id, n: 2 }, { $set: { data: new mongo.Binary(segment) } });
    },
    'one left out': (id) => chunks().deleteOne({ files_id: id, n: 1 }),
    'the last left out': (id) => chunks().deleteOne({ files_id: id, n: 3 }),
    'two exchanged': async (id) => {
      const [one, two] = [await bucket.segment(id, 1), await bucket.segment(id, 2)];
      await chunks().updateOne({ files_id: id, n: 1 }, { $set: { data: new mongo.Binary(two) } });
      return chunks().updateOne({ files_id: id, n: 2 }, { $set: { data: new mongo.Binary(one) } });
    },
    'the whole of another sealing under the same key': async (id) => {
      const other = await stored(bytes);
      await chunks().deleteMany({ files_id: id });
      let n = 0;
      for await (const segment of bucket.segments(other.id)) await bucket.insert(id, n++, segment);
    },
  };

  test.each(Object.entries(alterations))('%s', async (_what, alter) => {
    const { id } = await stored(bytes);
    const digest = await reader.digest(id);
    await alter(id);
    const given: Buffer[] = [];
    const reading = (async () => {
      for await (const part of reader.read(id, key, digest)) given.push(part);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'FILE_TAMPERED' });
    const seen = Buffer.concat(given);
    expect(seen.length).toBeLessThan(bytes.length);
    expect(seen.equals(bytes.subarray(0, seen.length))).toBe(true);
  });
});
