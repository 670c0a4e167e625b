import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  Decimal128,
  Double,
  GridFSBucket,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  Binary,
  type Collection,
  type Document,
} from 'mongodb';
import { onEachServer } from '../testing/on-each-server.js';
import { openSession, type Session } from '../testing/targets.js';

interface Item extends Document {
  _id: number | string;
}

onEachServer(
  'CRUD',
  (target) => {
    let session: Session;
    let items: Collection<Item>;

    beforeAll(async () => {
      session = await openSession(target);
      items = session.db.collection<Item>('items');
    });
    afterAll(() => session.close());
    beforeEach(() => items.deleteMany({}));

    test('documents come back in the order of insertion, with fields in theirs', async () => {
      await items.insertMany([
        { _id: 'z', b: 1, a: 2 },
        { _id: 'a', c: { y: 1, x: 2 } },
      ]);
      const found = await items.find().toArray();
      expect(JSON.stringify(found)).toBe('[{"_id":"z","b":1,"a":2},{"_id":"a","c":{"y":1,"x":2}}]');
    });

    test('every BSON type survives', async () => {
      const typed = session.db.collection('typed', { promoteValues: false, promoteBuffers: false });
      const doc = {
        _id: new ObjectId(),
        double: new Double(1),
        long: Long.fromString('9007199254740993'),
        decimal: Decimal128.fromString('1.10'),
        binary: new Binary(Buffer.from([1, 2]), 0x80),
        timestamp: new Timestamp({ t: 1, i: 2 }),
        min: new MinKey(),
        max: new MaxKey(),
        date: new Date(1_700_000_000_123),
        nothing: null,
      };
      await typed.insertOne(doc);
      await typed.updateOne({ _id: doc._id }, { $set: { touched: true } });
      const [found] = await typed.find({ _id: doc._id }).toArray();
      expect(found).toMatchObject(doc);
      expect(
        await session.db.collection('typed').countDocuments({
          double: { $type: 'double' },
          long: { $type: 'long' },
          decimal: { $type: 'decimal' },
        }),
      ).toBe(1);
    });

    test('numbers of all types compare by value', async () => {
      await items.insertMany([
        { _id: 1, n: 1 },
        { _id: 2, n: new Double(1.5) },
        { _id: 3, n: Long.fromNumber(2) },
        { _id: 4, n: Decimal128.fromString('2.5') },
        { _id: 5, n: 'text' },
      ]);
      const found = await items
        .find({ n: { $gt: 1, $lte: 2.5 } })
        .sort({ n: -1 })
        .toArray();
      expect(found.map(({ _id }) => _id)).toEqual([4, 3, 2]);
    });

    test('a duplicate id is refused, and an unordered bulk goes on after it', async () => {
      const bulk = items.insertMany([{ _id: 1 }, { _id: 1 }, { _id: 2 }], { ordered: false });
      await expect(bulk).rejects.toMatchObject({ code: 11000, result: { insertedCount: 2 } });
      await expect(items.insertMany([{ _id: 3 }, { _id: 1 }, { _id: 4 }])).rejects.toMatchObject({
        code: 11000,
      });
      expect(await items.distinct('_id')).toEqual([1, 2, 3]);
    });

    test('a bulk of upserts by id inserts, then replaces', async () => {
      const upserts = (value: number) =>
        items.bulkWrite(
          Array.from({ length: 500 }, (_, at) => ({
            updateOne: { filter: { _id: at }, update: { $set: { value } }, upsert: true },
          })),
        );
      expect(await upserts(1)).toMatchObject({ upsertedCount: 500, modifiedCount: 0 });
      expect(await upserts(2)).toMatchObject({ upsertedCount: 0, matchedCount: 500, modifiedCount: 500 });
      expect(await upserts(2)).toMatchObject({ matchedCount: 500, modifiedCount: 0 });
      expect(await items.countDocuments({ value: 2 })).toBe(500);
    });

    test('concurrent increments of one document are all counted', async () => {
      await items.insertOne({ _id: 1, n: 0 });
      await Promise.all(Array.from({ length: 200 }, () => items.updateOne({ _id: 1 }, { $inc: { n: 1 } })));
      expect(await items.findOne({ _id: 1 })).toEqual({ _id: 1, n: 200 });
    });

    test('concurrent upserts of one id make one document', async () => {
      const results = await Promise.allSettled(
        Array.from({ length: 50 }, () => items.updateOne({ _id: 7 }, { $inc: { n: 1 } }, { upsert: true })),
      );
      const done = results.filter(({ status }) => status === 'fulfilled').length;
      expect(await items.find().toArray()).toEqual([{ _id: 7, n: done }]);
    });

    test('findOneAndUpdate sorts, projects and returns either state', async () => {
      await items.insertMany([
        { _id: 1, state: 'open', at: 2 },
        { _id: 2, state: 'open', at: 1 },
      ]);
      const claim = { $set: { state: 'taken' } };
      const before = await items.findOneAndUpdate({ state: 'open' }, claim, {
        sort: { at: 1 },
        projection: { state: 1 },
      });
      expect(before).toEqual({ _id: 2, state: 'open' });
      const after = await items.findOneAndUpdate({ state: 'open' }, claim, { returnDocument: 'after' });
      expect(after).toEqual({ _id: 1, state: 'taken', at: 2 });
      expect(await items.findOneAndUpdate({ state: 'open' }, claim)).toBeNull();
      expect(await items.findOneAndDelete({ _id: 1 })).toMatchObject({ _id: 1 });
      expect(
        await items.findOneAndReplace({ _id: 3 }, { a: 1 }, { upsert: true, returnDocument: 'after' }),
      ).toEqual({ _id: 3, a: 1 });
    });

    test('array updates: positional, filtered, all', async () => {
      await items.insertOne({
        _id: 1,
        rows: [
          { k: 1, v: 1 },
          { k: 2, v: 1 },
          { k: 2, v: 5 },
        ],
      });
      await items.updateOne({ _id: 1, 'rows.k': 2 }, { $set: { 'rows.$.v': 9 } });
      await items.updateOne(
        { _id: 1 },
        { $inc: { 'rows.$[row].v': 100 } },
        { arrayFilters: [{ 'row.v': { $gte: 5 } }] },
      );
      await items.updateOne({ _id: 1 }, { $mul: { 'rows.$[].k': 10 } });
      expect((await items.findOne({ _id: 1 }))?.rows).toEqual([
        { k: 10, v: 1 },
        { k: 20, v: 109 },
        { k: 20, v: 105 },
      ]);
    });

    test('a cursor fetches batch after batch of one state', async () => {
      await items.insertMany(Array.from({ length: 1000 }, (_, at) => ({ _id: at, at })));
      const cursor = items.find({}, { batchSize: 10, sort: { _id: 1 } });
      const seen: unknown[] = [(await cursor.next())?._id];
      for await (const { _id } of cursor) seen.push(_id);
      expect(seen).toEqual(Array.from({ length: 1000 }, (_, at) => at));
    });

    test('a killed cursor is not found', async () => {
      await items.insertMany(Array.from({ length: 10 }, (_, at) => ({ _id: at })));
      const answer = await session.db.command({ find: 'items', batchSize: 2 });
      const { id } = answer.cursor as { id: Long };
      await session.db.command({ killCursors: 'items', cursors: [id] });
      await expect(
        session.db.command({ getMore: Long.fromBigInt(BigInt(id.toString())), collection: 'items' }),
      ).rejects.toMatchObject({ code: 43 });
    });

    test('files of GridFS stream in and out', async () => {
      const bucket = new GridFSBucket(session.db, { chunkSizeBytes: 1000 });
      const content = Buffer.from(Array.from({ length: 12_345 }, (_, at) => at % 251));
      const upload = bucket.openUploadStream('image.dcm', { metadata: { kind: 'CT' } });
      const finished = new Promise((resolve, reject) => upload.on('finish', resolve).on('error', reject));
      upload.end(content);
      await finished;
      const parts: Buffer[] = [];
      for await (const part of bucket.openDownloadStreamByName('image.dcm')) parts.push(part as Buffer);
      expect(Buffer.concat(parts).equals(content)).toBe(true);
      await bucket.delete(upload.id);
      expect(await bucket.find().toArray()).toEqual([]);
    });
  },
  'like-mongodb',
);
