import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Collection, Document } from 'mongodb';
import { onEachServer } from '../testing/on-each-server.js';
import { openSession, type Session } from '../testing/targets.js';

const COUNT = 20_000;

onEachServer(
  'Indexes',
  (target) => {
    let session: Session;
    let rows: Collection;

    beforeAll(async () => {
      session = await openSession(target);
      rows = session.db.collection('rows');
      await rows.insertMany(
        Array.from({ length: COUNT }, (_, at) => ({
          at,
          group: at % 100,
          tags: [`t${at % 7}`, `u${at % 11}`],
          when: new Date(at * 1000),
        })),
      );
      await rows.createIndexes([{ key: { at: 1 }, unique: true }]);
      await rows.createIndexes([{ key: { group: 1, when: -1 } }]);
      await rows.createIndexes([{ key: { tags: 1 } }]);
    });
    afterAll(() => session.close());

    const examined = async (filter: Document, sort: Document = {}, limit = 0): Promise<number> => {
      const { executionStats } = await rows.find(filter).sort(sort).limit(limit).explain('executionStats');
      return (executionStats as { totalDocsExamined: number }).totalDocsExamined;
    };

    test.each<[string, Document, Document, number, number]>([
      ['equality', { at: 77 }, {}, 0, 1],
      ['a range', { at: { $gte: 10, $lt: 20 } }, {}, 0, 10],
      ['a list', { at: { $in: [5, 6, 7_000] } }, {}, 0, 3],
      ['a prefix and an order', { group: 5 }, { when: -1 }, 10, 10],
      ['a prefix and the reverse order', { group: 5 }, { when: 1 }, 10, 10],
      ['a prefix and a range', { group: 5, when: { $lt: new Date(1_000_000) } }, {}, 0, 10],
      ['an order alone', {}, { at: -1 }, 5, 5],
      ['elements of arrays', { tags: 't3' }, {}, 0, Math.ceil((COUNT - 3) / 7)],
      ['alternatives', { $or: [{ at: 1 }, { at: 2 }] }, {}, 0, 2],
    ])('%s is answered from an index', async (_what, filter, sort, limit, most) => {
      expect(await examined(filter, sort, limit)).toBeLessThanOrEqual(most);
    });

    test('answers with and without an index are equal', async () => {
      const queries: Document[] = [
        { group: { $gt: 97 }, when: { $lte: new Date(500_000) } },
        { tags: { $all: ['t1', 'u2'] }, at: { $lt: 500 } },
        { at: { $gte: 19_990 } },
        { group: null },
        { tags: { $in: ['t1', 'u1'] }, at: { $mod: [400, 1] } },
      ];
      for (const query of queries) {
        const indexed = await rows.find(query).sort({ at: 1 }).toArray();
        const scanned = await rows.find(query).hint({ $natural: 1 }).sort({ at: 1 }).toArray();
        expect(indexed).toEqual(scanned);
      }
    });

    test('unique, sparse and partial indexes', async () => {
      const people = session.db.collection('people');
      await people.createIndexes([{ key: { email: 1 }, unique: true, sparse: true }]);
      await people.createIndexes([
        { key: { card: 1 }, unique: true, partialFilterExpression: { active: true } },
      ]);
      await people.insertMany([{ n: 1 }, { n: 2 }, { card: 1 }, { card: 1 }, { card: 1, active: true }]);
      await expect(people.insertOne({ card: 1, active: true })).rejects.toMatchObject({ code: 11000 });
      await people.updateOne({ n: 1 }, { $set: { email: 'a' } });
      await expect(people.updateOne({ n: 2 }, { $set: { email: 'a' } })).rejects.toMatchObject({
        code: 11000,
      });
      await people.deleteOne({ email: 'a' });
      await people.updateOne({ n: 2 }, { $set: { email: 'a' } });
      expect(await people.countDocuments({ email: 'a' })).toBe(1);
      expect(await people.countDocuments({ email: null })).toBe(3);
    });

    test('an index that documents contradict is not made', async () => {
      const twice = session.db.collection('twice');
      await twice.insertMany([{ a: 1 }, { a: 1 }]);
      await expect(twice.createIndexes([{ key: { a: 1 }, unique: true }])).rejects.toMatchObject({
        code: 11000,
      });
      expect((await twice.indexes()).map(({ name }) => name)).toEqual(['_id_']);
      await twice.createIndexes([{ key: { a: -1 }, expireAfterSeconds: 3600 }]);
      await twice.dropIndexes();
      expect(await twice.countDocuments({ a: 1 })).toBe(2);
    });
  },
  'like-mongodb',
);
