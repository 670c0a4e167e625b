import { ChannelUnknownError } from '../ledger/index.js';
import { createMetrics } from '../telemetry/index.js';
import { beginning, commit, expectedValues, ProjectorBed, take, valuesOf } from '../testing/projector-bed.js';
import { CursorInvalidError, type CursoredEvent, followEvents, type Projector } from './index.js';

const bed = new ProjectorBed();
const { signal } = new AbortController();

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

describe('events', () => {
  test('come live from now on, in order, each with a cursor', async () => {
    const projector = await bed.started();
    await projector.reached('care', commit(bed.care));
    const live = take(projector.events({ signal }), 4);
    commit(bed.care);
    commit(bed.care);
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
    const projector = await bed.started([bed.lastValues()], { eventsKept });
    for (let count = 0; count < 10; count += 1) commit(bed.care);
    await projector.reached('care', 10);
    const all = await take(projector.events({ after: beginning(), signal }), 20);
    expect(valuesOf(all)).toEqual(expectedValues(10));
    for (const [index, { cursor }] of all.entries()) {
      const rest = await take(projector.events({ after: cursor, signal }), 19 - index);
      expect(rest).toEqual(all.slice(index + 1));
    }
  });

  test('go on after a cursor from before a restart, and from another instance', async () => {
    const first = await bed.started();
    for (let count = 0; count < 4; count += 1) commit(bed.care);
    const [, , third] = await take(first.events({ after: beginning(), signal }), 3);
    await first.stop();
    commit(bed.care);
    const second = await bed.started();
    await second.reached('care', 5);
    expect(valuesOf(await take(second.events({ after: third?.cursor, signal }), 7))).toEqual(
      expectedValues(5).slice(3),
    );
  });

  test('say where they begin, before anything happens: a reader that is lost then misses nothing', async () => {
    const projector = await bed.started();
    await projector.reached('care', commit(bed.care));
    const { start } = projector.events({ signal });
    const missed = commit(bed.care);
    await projector.reached('care', missed);
    const resumed = projector.events({ after: start, signal });
    expect(resumed.start).toBe(start);
    const [first] = await take(resumed, 1);
    expect(first?.event.position.block).toBe(missed);
  });

  test('reach every reader once, whatever its pace, while blocks keep coming', async () => {
    const projector = await bed.started([bed.lastValues()], { eventsKept: 16 });
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
      commit(bed.care);
      if (count % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    for (const values of await Promise.all(readers)) expect(values).toEqual(expectedValues(blocks));
  });

  test('of several channels keep the order of each, over reconnections', async () => {
    const projector = await bed.started([bed.lastValues(['care', 'claims'])]);
    for (let count = 0; count < 6; count += 1) {
      commit(bed.care);
      commit(bed.claims);
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
    const projector = await bed.started([bed.lastValues()], { metrics });
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
    const projector = await bed.started();
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
    const projector = await bed.started([bed.lastValues()], { aheadMs: 200 });
    await projector.reached('care', commit(bed.care));
    const at = (block: number): string =>
      Buffer.from(JSON.stringify([1, [['care', block, 0, 1]]])).toString('base64url');
    await expect(take(projector.events({ after: at(7), signal }), 1)).rejects.toMatchObject({
      code: 'CURSOR_INVALID',
    });
    const resumed = take(projector.events({ after: at(2), signal }), 1);
    commit(bed.care);
    commit(bed.care);
    expect((await resumed)[0]?.event.position.block).toBe(3);
  });

  test('are followed past what fails, each once and in order, until the signal', async () => {
    const projector = await bed.started();
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
    for (let count = 0; count < 4; count += 1) commit(bed.care);
    await following;
    expect(read).toEqual(expectedValues(4));
    expect(failures).toEqual(['Error: cannot begin', 'Error: cut off']);
  });

  test('wake ten thousand waiting readers', async () => {
    const projector = await bed.started();
    const readers = Array.from({ length: 10_000 }, () => take(projector.events({ signal }), 2));
    commit(bed.care);
    const received = await Promise.all(readers);
    expect(received.every((events) => events.length === 2)).toBe(true);
    expect(new Set(received.map((events) => events[1]?.cursor)).size).toBe(1);
  });
});
