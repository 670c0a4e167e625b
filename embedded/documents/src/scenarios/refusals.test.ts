import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Document } from 'mongodb';
import { onEachServer } from '../testing/on-each-server.js';
import { openSession, type Session } from '../testing/targets.js';

/** What is wrong, and MongoDB's code for it. */
const refusals: readonly (readonly [what: string, command: Document, code: number])[] = [
  ['an unknown command', { frobnicate: 1 }, 59],
  ['an unknown top-level operator', { find: 'c', filter: { $foo: 1 } }, 2],
  ['an unknown operator', { find: 'c', filter: { a: { $foo: 1 } } }, 2],
  ['an unknown stage', { aggregate: 'c', pipeline: [{ $foo: 1 }], cursor: {} }, 40324],
  [
    'an unknown expression',
    { aggregate: 'c', pipeline: [{ $project: { a: { $foo: 1 } } }], cursor: {} },
    31325,
  ],
  ['a change stream', { aggregate: 'c', pipeline: [{ $changeStream: {} }], cursor: {} }, 40573],
  ['a filter of the wrong type', { find: 'c', filter: 1 }, 14],
  ['an invalid collection name', { insert: 'a$b', documents: [{ a: 1 }] }, 73],
  ['an empty collection name', { find: '' }, 73],
  ['$out before the end', { aggregate: 'c', pipeline: [{ $out: 'x' }, { $limit: 1 }], cursor: {} }, 40601],
  ['mixed projections', { find: 'c', projection: { a: 1, b: 0 } }, 31254],
  ['an invalid regular expression', { find: 'c', filter: { a: { $regex: '(' } } }, 51091],
  ['$group without _id', { aggregate: 'c', pipeline: [{ $group: {} }], cursor: {} }, 15955],
  ['indexes of a missing collection', { listIndexes: 'missing' }, 26],
  ['a hint that names no index', { find: 'c', hint: 'nope' }, 2],
  ['an unknown field of a command', { find: 'c', foo: 1 }, 40415],
  ['an unknown field of a write', { insert: 'c', documents: [{}], foo: 1 }, 40415],
  ['an unknown field of an explained command', { explain: { find: 'c', foo: 1 } }, 40415],
  ['variables that name a field', { find: 'c', let: { a: '$text' } }, 4890500],
  ['an index on nothing', { createIndexes: 'c', indexes: [{ key: {}, name: 'x' }] }, 67],
];

/** Updates that cannot be, and MongoDB's code for each. */
const wrongUpdates: readonly (readonly [what: string, update: Document, code: number])[] = [
  ['an unknown modifier', { $foo: { a: 1 } }, 9],
  ['another id', { $set: { _id: 2 } }, 66],
  ['conflicting paths', { $set: { 'a.b': 1, a: 2 } }, 40],
  ['a number added to text', { $inc: { text: 1 } }, 14],
  ['a field inside of text', { $set: { 'text.x': 1 } }, 28],
  ['a push onto text', { $push: { text: 1 } }, 2],
  ['an empty path', { $set: { '': 1 } }, 56],
  ['a name with a dollar at the top', { $set: { $a: 1 } }, 52],
  ['an expression in $pull', { $pull: { list: { $expr: true } } }, 224],
  ['a position the query did not match', { $set: { 'list.$': 1 } }, 2],
];

onEachServer(
  'Refusals',
  (target) => {
    let session: Session;

    beforeAll(async () => {
      session = await openSession(target);
      await session.db
        .collection<{ _id: number }>('c')
        .insertOne({ _id: 1, text: 'x', list: [1] } as { _id: number });
    });
    afterAll(() => session.close());

    test.each(refusals)('%s', async (_what, command, code) => {
      await expect(session.db.command(command)).rejects.toMatchObject({ code });
    });

    test.each(wrongUpdates)('update with %s', async (_what, update, code) => {
      const command = { update: 'c', updates: [{ q: { _id: 1 }, u: update }] };
      const { writeErrors } = await session.db
        .command(command, {})
        .catch((error: unknown) => (error as { result: Document }).result);
      expect(writeErrors).toMatchObject([{ index: 0, code }]);
    });

    test('a duplicate key names its index and values', async () => {
      const people = session.db.collection('people');
      await people.createIndexes([{ key: { name: 1 }, unique: true }]);
      await people.insertOne({ name: 'x' });
      await expect(people.insertOne({ name: 'x' })).rejects.toMatchObject({
        code: 11000,
        keyPattern: { name: 1 },
        keyValue: { name: 'x' },
        message: `E11000 duplicate key error collection: ${session.db.databaseName}.people index: name_1 dup key: { name: "x" }`,
      });
    });

    test('a document over 16 MB', async () => {
      await expect(
        session.db.collection('c').insertOne({ big: 'x'.repeat(17 * 1024 * 1024) }),
      ).rejects.toThrow();
      expect(await session.db.collection('c').countDocuments()).toBe(1);
    });

    test('an existing collection with other options, and indexes that conflict', async () => {
      const { db } = session;
      await db.createCollection('there');
      await expect(db.createCollection('there', { validator: { a: 1 } })).rejects.toMatchObject({ code: 48 });
      await db.collection('there').createIndexes([{ key: { a: 1 }, name: 'one' }]);
      await expect(
        db.collection('there').createIndexes([{ key: { a: 1 }, name: 'two' }]),
      ).rejects.toMatchObject({
        code: 85,
      });
      await expect(
        db.collection('there').createIndexes([{ key: { b: 1 }, name: 'one' }]),
      ).rejects.toMatchObject({
        code: 86,
      });
    });
  },
  'like-mongodb',
);
