import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Decimal128, Double, Long, ObjectId } from 'mongodb';
import { EJSON } from 'bson';
import type { Document } from 'mongodb';
import { embedded, mongodb, openSession, type Session } from '../testing/targets.js';

/** Random documents, queries, updates and pipelines, asked of the embedded server and of MongoDB: answers and error codes must be equal. */
class Generator {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  next(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#state / 2 ** 32;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.next() * items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  scalar(): unknown {
    return this.pick<() => unknown>([
      () => Math.floor(this.next() * 6) - 1,
      () => new Double(Math.floor(this.next() * 4)),
      () => this.next() * 3,
      () => Long.fromNumber(Math.floor(this.next() * 4)),
      () => Decimal128.fromString(String(Math.floor(this.next() * 4))),
      () => this.pick(['', 'a', 'B', 'b', 'abc', 'é']),
      () => this.next() < 0.5,
      () => null,
      () => new Date(Math.floor(this.next() * 4) * 86_400_000),
      () => new ObjectId(`00000000000000000000000${Math.floor(this.next() * 4)}`),
    ])();
  }

  value(depth = 0): unknown {
    const kind = this.next();
    if (depth < 2 && kind < 0.15)
      return Array.from({ length: Math.floor(this.next() * 4) }, () => this.value(depth + 1));
    if (depth < 2 && kind < 0.3) return this.document(depth + 1);
    return this.scalar();
  }

  document(depth = 0): Document {
    const fields = ['a', 'b', 'c', 'd'].filter(() => this.next() < 0.6);
    return Object.fromEntries(fields.map((field) => [field, this.value(depth)]));
  }

  path(): string {
    return this.pick(['a', 'b', 'c', 'd', 'a.b', 'b.c', 'a.0', 'c.a.b', 'd.1.a', 'x']);
  }

  condition(): unknown {
    return this.pick<() => unknown>([
      () => this.value(),
      () => ({ [this.pick(['$eq', '$ne', '$gt', '$gte', '$lt', '$lte'])]: this.value() }),
      () => ({ [this.pick(['$in', '$nin'])]: [this.scalar(), this.scalar()] }),
      () => ({ $exists: this.next() < 0.5 }),
      () => ({
        $type: this.pick(['number', 'string', 'array', 'object', 'null', 'bool', 'date', 'int', 'double']),
      }),
      () => ({ $elemMatch: { [this.pick(['$gt', '$lt', '$eq'])]: this.scalar() } }),
      () => ({ $elemMatch: { [this.pick(['a', 'b'])]: this.scalar() } }),
      () => ({ $not: { [this.pick(['$gt', '$lte', '$eq'])]: this.scalar() } }),
      () => ({ $size: Math.floor(this.next() * 3) }),
      () => ({ $gte: this.scalar(), $lt: this.scalar() }),
    ])();
  }

  filter(): Document {
    const one = (): Document => ({ [this.path()]: this.condition() });
    return this.pick<() => Document>([
      one,
      one,
      () => ({ ...one(), ...one() }),
      () => ({ [this.pick(['$and', '$or', '$nor'])]: [one(), one()] }),
    ])();
  }

  update(): Document {
    const path = this.path();
    return this.pick<() => Document>([
      () => ({ $set: { [path]: this.value() } }),
      () => ({ $unset: { [path]: '' } }),
      () => ({ $inc: { [path]: Math.floor(this.next() * 5) } }),
      () => ({ $mul: { [path]: new Double(2) } }),
      () => ({ $min: { [path]: this.scalar() } }),
      () => ({ $max: { [path]: this.scalar() } }),
      () => ({ $push: { [path]: this.scalar() } }),
      () => ({
        $push: {
          [path]: {
            $each: [this.scalar(), this.scalar()],
            $sort: this.pick([1, -1]),
            $slice: this.pick([2, -2]),
          },
        },
      }),
      () => ({ $addToSet: { [path]: this.scalar() } }),
      () => ({ $pull: { [path]: this.condition() } }),
      () => ({ $pop: { [path]: this.pick([1, -1]) } }),
      () => ({ $rename: { [path]: this.path() } }),
      () => ({ $set: { [path]: this.scalar() }, $inc: { [this.path()]: 1 } }),
    ])();
  }

  pipeline(): Document[] {
    const path = this.path();
    return this.pick<() => Document[]>([
      () => [{ $match: this.filter() }, { $sort: { [path]: 1, _id: 1 } }, { $limit: 5 }],
      () => [{ $project: { [path]: this.pick([0, 1]) } }, { $sort: { _id: 1 } }],
      () => [{ $addFields: { [path]: `$${this.path()}` } }, { $sort: { _id: 1 } }],
      () => [
        {
          $unwind: {
            path: `$${this.pick(['a', 'b', 'c', 'd'])}`,
            preserveNullAndEmptyArrays: this.next() < 0.5,
          },
        },
        { $sort: { _id: 1 } },
        { $project: { _id: 1 } },
      ],
      () => [
        {
          $group: {
            _id: { $type: `$${path}` },
            n: { $sum: 1 },
            least: { $min: `$${path}` },
            most: { $max: `$${path}` },
          },
        },
        { $sort: { _id: 1 } },
        { $project: { n: 1 } },
      ],
      () => [
        { $sort: { _id: 1 } },
        {
          $group: {
            _id: null,
            total: { $sum: `$${path}` },
            mean: { $avg: `$${path}` },
            all: { $push: `$${path}` },
          },
        },
      ],
      () => [
        { $project: { r: { [this.pick(['$eq', '$gt', '$lt', '$cmp'])]: [`$${path}`, this.scalar()] } } },
        { $sort: { _id: 1 } },
      ],
    ])();
  }
}

interface Row extends Document {
  _id: number;
}

const SEED = Number(process.env.MEDIGRAPH_TEST_SEED ?? 1);
const ROUNDS = 1_500;
const suite = mongodb.uri ? describe : describe['skip'];

suite('random operations give what MongoDB gives', () => {
  const random = new Generator(SEED);
  let ours: Session;
  let theirs: Session;

  beforeAll(async () => {
    ours = await openSession(embedded, { promoteValues: false });
    theirs = await openSession(mongodb, { promoteValues: false });
    const documents = Array.from({ length: 150 }, (_, _id) => ({ _id, ...random.document() }));
    for (const { db } of [ours, theirs]) {
      await db.collection<Row>('r').insertMany(documents);
      await db.collection('r').createIndexes([{ key: { a: 1 } }, { key: { 'c.a': -1 } }]);
    }
    expect(differences).toEqual([]);
  });
  afterAll(async () => {
    await ours.close();
    await theirs.close();
  });

  const outcome = async (run: () => Promise<unknown>): Promise<string> => {
    try {
      return EJSON.stringify(await run(), { relaxed: false });
    } catch (error) {
      return `refused with ${String((error as { code?: unknown }).code)}`;
    }
  };

  let differences: unknown[] = [];
  beforeEach(() => {
    differences = [];
  });

  const compare = async (what: unknown, run: (session: Session) => Promise<unknown>): Promise<void> => {
    const [mine, real] = [await outcome(() => run(ours)), await outcome(() => run(theirs))];
    if (mine !== real) differences.push({ what: EJSON.stringify(what), ours: mine, theirs: real });
  };

  test('queries', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const filter = random.filter();
      const sort = { [random.path()]: random.pick([1, -1] as const), _id: 1 as const };
      await compare({ filter, sort }, ({ db }) =>
        db.collection('r').find(filter).sort(sort).project({ _id: 1 }).toArray(),
      );
    }
    expect(differences).toEqual([]);
  });

  test('pipelines', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const pipeline = random.pipeline();
      await compare(pipeline, ({ db }) => db.collection('r').aggregate(pipeline).toArray());
    }
    expect(differences).toEqual([]);
  });

  test('updates', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const filter = { _id: Math.floor(random.next() * 150) };
      const update = random.update();
      await compare({ filter, update }, async ({ db }) => {
        const rows = db.collection<Row>('r');
        await rows.updateOne(filter, update).catch((error: unknown) => {
          if (typeof (error as { code?: unknown }).code !== 'number') throw error;
        });
        return rows.findOne(filter);
      });
    }
    expect(differences).toEqual([]);
  });
});
