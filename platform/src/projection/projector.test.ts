import { randomUUID } from 'node:crypto';
import { mongo } from 'mongoose';
import { connectDocuments, type Documents } from '../documents/index.js';
import { ChannelUnknownError, connectLedger, type LedgerClient } from '../ledger/index.js';
import { createMetrics } from '../telemetry/index.js';
import { documentsForTests } from '../testing/documents-server.js';
import { testOrganization } from '../testing/organization.js';
import { ScriptedPeer } from '../testing/scripted-peer.js';
import {
  createProjector,
  CursorInvalidError,
  type CursoredEvent,
  followEvents,
  type LedgerEvent,
  type Projection,
  type Projector,
  type ProjectorOptions,
} from './index.js';

interface Row {
  _id: string;
  value: number;
  seen: string;
}

const documentsUri = documentsForTests();
let care: ScriptedPeer;
let claims: ScriptedPeer;
let ledger: LedgerClient;
let documents: Documents;
const projectors: Projector[] = [];

beforeEach(async () => {
  care = await ScriptedPeer.start();
  claims = await ScriptedPeer.start();
  ledger = connectLedger({
    organizations: {
      CareMSP: await testOrganization(care.address),
      ClaimsMSP: await testOrganization(claims.address),
    },
    channels: {
      care: { organizations: ['CareMSP'], suites: {} },
      claims: { organizations: ['ClaimsMSP'], suites: {} },
    },
  });
  documents = await connectDocuments(documentsUri(), `test-${randomUUID()}`);
});

afterEach(async () => {
  await Promise.all(projectors.splice(0).map((projector) => projector.stop()));
  await ledger.close();
  care.kill();
  claims.kill();
  await documents.connection.dropDatabase();
  await documents.close();
});

/** The last value of each key, and which events were applied in which order. */
class LastValues implements Projection {
  readonly name = 'values';
  readonly channels: readonly string[];
  readonly chaincodes = ['suite'];
  readonly batches: number[] = [];
  /** Called before each write; throws where a test wants the process to die. */
  beforeWrite: (event: LedgerEvent) => void = () => undefined;

  constructor(channels: readonly string[] = ['care']) {
    this.channels = channels;
  }

  async apply(events: readonly LedgerEvent[]): Promise<void> {
    this.batches.push(events.length);
    for (const event of events) {
      this.beforeWrite(event);
      const { key, value } = event.payload as { key: string; value: number };
      const seen = [event.position.block, event.position.transaction, event.position.index].join('/');
      const _id = `${event.position.channel}/${key}`;
      await rows().updateOne({ _id }, { $set: { value, seen } }, { upsert: true });
    }
  }

  async clear(): Promise<void> {
    await rows().deleteMany({});
  }
}

const rows = () => documents.connection.collection<Row>('values');

/** Every byte of the read model. */
async function readModel(): Promise<string> {
  const found = await rows().find().sort({ _id: 1 }).toArray();
  return Buffer.concat(found.map((row) => mongo.BSON.serialize(row))).toString('hex');
}

function projectorOf(projections: readonly Projection[], options: Partial<ProjectorOptions> = {}): Projector {
  const projector = createProjector({
    name: 'test',
    ledger,
    connection: documents.connection,
    projections,
    ...options,
  });
  projectors.push(projector);
  return projector;
}

async function started(
  projections: readonly Projection[] = [new LastValues()],
  options = {},
): Promise<Projector> {
  const projector = projectorOf(projections, options);
  await projector.start();
  return projector;
}

/** A block of `transactions` transactions with two items each; values count up. */
function commit(peer: ScriptedPeer, transactions = 1): number {
  const payloads = Array.from({ length: transactions }, (_, transaction) =>
    [0, 1].map((item) => ({
      key: `k${(transaction + item) % 3}`,
      value: peer.height * 1000 + transaction * 10 + item,
    })),
  );
  return peer.commitEvents('suite', 'Changed', payloads);
}

const valuesOf = (events: readonly CursoredEvent[]): number[] =>
  events.map(({ event }) => (event.payload as { value: number }).value);

/** The values of blocks 1 to `last` as {@link commit} makes them, with one transaction each. */
const expectedValues = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => [
    (first + index) * 1000,
    (first + index) * 1000 + 1,
  ]).flat();

async function take(events: AsyncIterable<CursoredEvent>, count: number): Promise<CursoredEvent[]> {
  const taken: CursoredEvent[] = [];
  if (count === 0) return taken;
  for await (const event of events) {
    taken.push(event);
    if (taken.length === count) break;
  }
  return taken;
}

/** Events as they come, so many of them, and then a failure. */
async function* failingAfter(
  events: AsyncIterable<CursoredEvent>,
  some: number,
): AsyncGenerator<CursoredEvent> {
  let count = 0;
  for await (const event of events) {
    if (count === some) throw new Error('cut off');
    count += 1;
    yield event;
  }
}

const { signal } = new AbortController();
const beginning = (channels: readonly string[] = ['care']): string =>
  Buffer.from(JSON.stringify([1, channels.map((channel) => [channel, 0, 0, -1])])).toString('base64url');

describe('a projector', () => {
  test('keeps the read model and says how far it has come', async () => {
    const projector = await started();
    const block = commit(care, 2);
    expect(await projector.reached('care', block)).toBe(true);
    expect(await rows().findOne({ _id: 'care/k2' })).toEqual({ _id: 'care/k2', value: 1011, seen: '1/1/1' });
    expect(await projector.checkpoints()).toEqual({ care: 1 });
  });

  test('says that a block has not been reached in time', async () => {
    const projector = await started();
    expect(await projector.reached('care', 5, 20)).toBe(false);
    await expect(async () => projector.reached('nowhere', 1)).rejects.toMatchObject({
      code: 'CHANNEL_UNKNOWN',
    });
  });

  test('leaves out other chaincodes and payloads that are no array', async () => {
    const metrics = createMetrics();
    const projector = await started([new LastValues()], { metrics });
    care.commitEvents('other', 'Changed', [[{ key: 'k0', value: 1 }]]);
    care.event = { name: 'Changed', payload: { key: 'k0', value: 2 } };
    care.commitEvents('suite', 'Changed', [{ length: 0 } as unknown as []]);
    expect(await projector.reached('care', commit(care))).toBe(true);
    expect((await rows().findOne({ _id: 'care/k0' }))?.value).toBe(3000);
    expect(
      await metrics.registry.getSingleMetricAsString('medigraph_projection_undecodable_events_total'),
    ).toContain('{projection="test",channel="care"} 1');
  });

  test('takes many blocks at a time while it catches up', async () => {
    for (let count = 0; count < 300; count += 1) commit(care);
    const projection = new LastValues();
    const projector = await started([projection]);
    expect(await projector.reached('care', 300, 60_000)).toBe(true);
    expect(projection.batches.reduce((sum, size) => sum + size, 0)).toBe(600);
    expect(projection.batches.length).toBeLessThan(150);
  });

  test('follows each channel at its own pace', async () => {
    const projection = new LastValues(['care', 'claims']);
    projection.beforeWrite = ({ position }) => {
      if (position.channel === 'claims') throw new Error('claims cannot be written');
    };
    const projector = await started([projection]);
    commit(claims);
    expect(await projector.reached('care', commit(care))).toBe(true);
    expect(await projector.reached('claims', 1, 50)).toBe(false);
    projection.beforeWrite = () => undefined;
    expect(await projector.reached('claims', 1)).toBe(true);
    expect(await projector.checkpoints()).toEqual({ care: 1, claims: 1 });
  });

  test('never skips a block that cannot be written', async () => {
    const projection = new LastValues();
    let refusals = 3;
    projection.beforeWrite = () => {
      refusals -= 1;
      if (refusals >= 0) throw new Error('not now');
    };
    const metrics = createMetrics();
    const projector = await started([projection], { metrics });
    expect(await projector.reached('care', commit(care))).toBe(true);
    expect(await rows().countDocuments()).toBe(2);
    expect(await metrics.registry.getSingleMetricAsString('medigraph_projection_failures_total')).toContain(
      '} 3',
    );
  });

  test('comes to the same read model wherever it dies', async () => {
    for (let count = 0; count < 4; count += 1) commit(care, 3);
    await (await started()).reached('care', 4);
    const clean = await readModel();
    const writes = 4 * 3 * 2;

    for (let death = 0; death <= writes; death += 3) {
      await documents.connection.dropDatabase();
      const dying = new LastValues();
      let written = 0;
      let died: () => void;
      const dead = new Promise<void>((resolve) => (died = resolve));
      dying.beforeWrite = () => {
        if (written === death) {
          died();
          throw new Error('killed');
        }
        written += 1;
      };
      const afterAll: Projection = {
        name: 'late',
        channels: ['care'],
        chaincodes: ['suite'],
        apply: () => {
          // Everything is written but the checkpoint.
          died();
          return Promise.reject(new Error('killed'));
        },
        clear: () => Promise.resolve(),
      };
      const killed = await started([dying, afterAll]);
      await dead;
      await killed.stop();

      const revived = await started();
      expect(await revived.reached('care', 4)).toBe(true);
      expect(await readModel()).toBe(clean);
      await revived.stop();
    }
  });

  test('begins again where it stopped', async () => {
    const first = await started();
    await first.reached('care', commit(care));
    await first.stop();
    commit(care);
    const projection = new LastValues();
    const second = await started([projection]);
    expect(await second.reached('care', 2)).toBe(true);
    expect(projection.batches).toEqual([2]);
  });
});

describe('a rebuild', () => {
  test('makes a byte-equal read model, and readers notice nothing', async () => {
    const projector = await started();
    for (let count = 0; count < 20; count += 1) commit(care, 3);
    await projector.reached('care', 20);
    const before = await readModel();
    await rows().insertOne({ _id: 'stray', value: 0, seen: '' });
    const live = take(projector.events({ signal }), 2);
    await projector.rebuild();
    expect(await readModel()).toBe(before);
    expect(await projector.checkpoints()).toEqual({ care: 20 });
    commit(care);
    expect(valuesOf(await live)).toEqual(expectedValues(21, 21));
  });

  test('that was killed half-way is finished at the next start', async () => {
    const projector = await started();
    for (let count = 0; count < 5; count += 1) commit(care);
    await projector.reached('care', 5);
    const before = await readModel();
    await projector.stop();

    const dying = new LastValues();
    let died: () => void;
    const dead = new Promise<void>((resolve) => (died = resolve));
    dying.clear = async () => {
      await rows().deleteOne({ _id: 'care/k0' });
      await rows().insertOne({ _id: `stray-${randomUUID()}`, value: 0, seen: '' });
      died();
      throw new Error('killed');
    };
    const killed = await started([dying]);
    void killed.rebuild();
    await dead;
    await killed.stop();

    const revived = await started();
    expect(await revived.reached('care', 5)).toBe(true);
    expect(await readModel()).toBe(before);
  });
});

describe('events', () => {
  test('come live from now on, in order, each with a cursor', async () => {
    const projector = await started();
    await projector.reached('care', commit(care));
    const live = take(projector.events({ signal }), 4);
    commit(care);
    commit(care);
    const events = await live;
    expect(valuesOf(events)).toEqual(expectedValues(3, 2));
    expect(new Set(events.map(({ cursor }) => cursor)).size).toBe(4);
    expect(events[0]?.event).toMatchObject({
      type: 'Changed',
      position: { channel: 'care', block: 2, transaction: 0, index: 0 },
      transactionId: '2-0',
    });
  });

  test.each([
    ['in memory', 4_096],
    ['in the log alone', 1],
  ])('go on after any cursor, with what was missed %s', async (_name, eventsKept) => {
    const projector = await started([new LastValues()], { eventsKept });
    for (let count = 0; count < 10; count += 1) commit(care);
    await projector.reached('care', 10);
    const all = await take(projector.events({ after: beginning(), signal }), 20);
    expect(valuesOf(all)).toEqual(expectedValues(10));
    for (const [index, { cursor }] of all.entries()) {
      const rest = await take(projector.events({ after: cursor, signal }), 19 - index);
      expect(rest).toEqual(all.slice(index + 1));
    }
  });

  test('go on after a cursor from before a restart, and from another instance', async () => {
    const first = await started();
    for (let count = 0; count < 4; count += 1) commit(care);
    const [, , third] = await take(first.events({ after: beginning(), signal }), 3);
    await first.stop();
    commit(care);
    const second = await started();
    await second.reached('care', 5);
    expect(valuesOf(await take(second.events({ after: third?.cursor, signal }), 7))).toEqual(
      expectedValues(5).slice(3),
    );
  });

  test('say where they begin, before anything happens: a reader that is lost then misses nothing', async () => {
    const projector = await started();
    await projector.reached('care', commit(care));
    const { start } = projector.events({ signal });
    const missed = commit(care);
    await projector.reached('care', missed);
    const resumed = projector.events({ after: start, signal });
    expect(resumed.start).toBe(start);
    const [first] = await take(resumed, 1);
    expect(first?.event.position.block).toBe(missed);
  });

  test('reach every reader once, whatever its pace, while blocks keep coming', async () => {
    const projector = await started([new LastValues()], { eventsKept: 16 });
    const blocks = 150;
    const readers = Array.from({ length: 8 }, async (_, pace) => {
      const values: number[] = [];
      for await (const { event } of projector.events({ after: beginning(), signal })) {
        values.push((event.payload as { value: number }).value);
        // Slow readers give way between events, so that the ring passes them by.
        if (pace > 0 && values.length % pace === 0) await new Promise((resolve) => setImmediate(resolve));
        if (values.length === 2 * blocks) break;
      }
      return values;
    });
    for (let count = 0; count < blocks; count += 1) {
      commit(care);
      if (count % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    for (const values of await Promise.all(readers)) expect(values).toEqual(expectedValues(blocks));
  });

  test('of several channels keep the order of each, over reconnections', async () => {
    const projector = await started([new LastValues(['care', 'claims'])]);
    for (let count = 0; count < 6; count += 1) {
      commit(care);
      commit(claims);
    }
    await Promise.all([projector.reached('care', 6), projector.reached('claims', 6)]);
    const seen: CursoredEvent[] = [];
    let after = beginning(['care', 'claims']);
    while (seen.length < 24) {
      const some = await take(projector.events({ after, signal }), Math.min(5, 24 - seen.length));
      seen.push(...some);
      after = some.at(-1)?.cursor ?? after;
    }
    for (const channel of ['care', 'claims']) {
      expect(valuesOf(seen.filter(({ event }) => event.position.channel === channel))).toEqual(
        expectedValues(6),
      );
    }
    const claimsOnly = await take(
      projector.events({ channels: ['claims'], after: beginning(['claims']), signal }),
      12,
    );
    expect(valuesOf(claimsOnly)).toEqual(expectedValues(6));
  });

  test('end when the reader’s signal aborts, and when the projector stops', async () => {
    const metrics = createMetrics();
    const projector = await started([new LastValues()], { metrics });
    const abort = new AbortController();
    const aborted = take(projector.events({ signal: abort.signal }), 1);
    const stopped = take(projector.events({ signal }), 1);
    abort.abort();
    expect(await aborted).toEqual([]);
    await projector.stop();
    expect(await stopped).toEqual([]);
    expect((await metrics.eventReaders.get()).values[0]?.value).toBe(0);
  });

  test('refuse a cursor that was not made here', async () => {
    const projector = await started();
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const after of [
      '',
      'nonsense',
      `${beginning()}=`,
      encode({}),
      encode([2, [['care', 0, 0, 0]]]),
      encode([1, [['care', -2, 0, 0]]]),
      encode([1, [['care', 0.5, 0, 0]]]),
      encode([1, [['care', '0', 0, 0]]]),
      encode([
        1,
        [
          ['care', 0, 0, 0],
          ['care', 1, 0, 0],
        ],
      ]),
      encode([1, []]),
      beginning(['claims']),
      beginning(['care', 'claims']),
      'A'.repeat(100_000),
    ]) {
      expect(() => projector.events({ after, signal })).toThrow(CursorInvalidError);
    }
    expect(() => projector.events({ channels: ['nowhere'], signal })).toThrow(ChannelUnknownError);
  });

  test('refuse a cursor ahead of the ledger, and wait for one that this instance will come to', async () => {
    const projector = await started([new LastValues()], { aheadMs: 200 });
    await projector.reached('care', commit(care));
    const at = (block: number): string =>
      Buffer.from(JSON.stringify([1, [['care', block, 0, 1]]])).toString('base64url');
    await expect(take(projector.events({ after: at(7), signal }), 1)).rejects.toMatchObject({
      code: 'CURSOR_INVALID',
    });
    const resumed = take(projector.events({ after: at(2), signal }), 1);
    commit(care);
    commit(care);
    expect((await resumed)[0]?.event.position.block).toBe(3);
  });

  test('are followed past what fails, each once and in order, until the signal', async () => {
    const projector = await started();
    const stopping = new AbortController();
    const failures: unknown[] = [];
    const read: number[] = [];
    let reads = 0;
    const flaky: Pick<Projector, 'events'> = {
      events: (options) => {
        reads += 1;
        const { start } = projector.events(options);
        if (reads === 1) throw new Error('cannot begin');
        const after = options.after ?? start;
        const some = reads === 2 ? 3 : Infinity;
        return Object.assign(failingAfter(projector.events({ ...options, after }), some), { start });
      },
    };
    const following = (async () => {
      const after = beginning();
      const onFailure = (error: unknown): unknown => failures.push(String(error));
      for await (const { event } of followEvents({
        projector: flaky,
        after,
        signal: stopping.signal,
        onFailure,
      })) {
        read.push((event.payload as { value: number }).value);
        if (read.length === 8) stopping.abort();
      }
    })();
    for (let count = 0; count < 4; count += 1) commit(care);
    await following;
    expect(read).toEqual(expectedValues(4));
    expect(failures).toEqual(['Error: cannot begin', 'Error: cut off']);
  });

  test('wake ten thousand waiting readers', async () => {
    const projector = await started();
    const readers = Array.from({ length: 10_000 }, () => take(projector.events({ signal }), 2));
    commit(care);
    const received = await Promise.all(readers);
    expect(received.every((events) => events.length === 2)).toBe(true);
    expect(new Set(received.map((events) => events[1]?.cursor)).size).toBe(1);
  });
});
