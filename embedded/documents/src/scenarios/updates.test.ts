import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Collection, Document } from 'mongodb';
import { onEachServer } from '../testing/on-each-server.js';
import { openSession, type Session } from '../testing/targets.js';

interface Row extends Document {
  _id: number | null;
}

onEachServer(
  'Updates as drivers and mongoose write them',
  (target) => {
    let session: Session;
    let rows: Collection<Row>;

    beforeAll(async () => {
      session = await openSession(target);
      rows = session.db.collection<Row>('rows');
    });
    beforeEach(async () => {
      await rows.deleteMany({});
      await rows.insertOne({ _id: 1, nested: { a: 1 }, items: [{ x: 1 }, { x: 2 }, { x: 3 }] });
    });
    afterAll(() => session.close());

    test('$pull takes out what a logical query matches', async () => {
      await rows.updateOne({ _id: 1 }, { $pull: { items: { $or: [{ x: 1 }, { x: 3 }] } } } as Document);
      expect(await rows.findOne({ _id: 1 })).toMatchObject({ items: [{ x: 2 }] });
    });

    test('below the top a name may begin with a dollar', async () => {
      await rows.updateOne({ _id: 1 }, { $set: { 'nested.$key.b': 2 } });
      expect(await rows.findOne({ _id: 1 })).toMatchObject({ nested: { a: 1, $key: { b: 2 } } });
    });

    test.each<[string, (filter: { _id: null }) => Promise<unknown>]>([
      ['an update', (filter) => rows.updateOne(filter, { $set: { x: 1 } }, { upsert: true })],
      ['a replacement', (filter) => rows.replaceOne(filter, { x: 1 }, { upsert: true })],
    ])('%s upserts the id null, and changes that document again', async (_what, upsert) => {
      await upsert({ _id: null });
      await upsert({ _id: null });
      expect(await rows.find({ x: 1 }).toArray()).toEqual([{ _id: null, x: 1 }]);
    });

    test('variables of a command are expressions, evaluated once', async () => {
      await rows.updateOne({ _id: 1 }, [{ $set: { y: '$$text' } }], { let: { text: { $literal: '$text' } } });
      expect(
        await rows.findOne({ $expr: { $eq: ['$_id', '$$one'] } }, { let: { one: { $add: [0, 1] } } }),
      ).toMatchObject({ y: '$text' });
    });

    test('fields of references can be asked for inside of elements', async () => {
      await session.db.collection('references').insertOne({ list: [{ $ref: 'rows', $id: 1 }] });
      expect(
        await session.db.collection('references').countDocuments({ list: { $elemMatch: { $id: 1 } } }),
      ).toBe(1);
    });
  },
  'like-mongodb',
);
