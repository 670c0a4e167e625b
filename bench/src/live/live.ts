import { type ChildPart } from '@medigraph/launcher';
import { z } from 'zod';
import { type Bench, type BenchOptions } from '../bench.js';
import { eventIds, newEventId } from '../events/event-ids.js';
import { Waves } from '../events/wave.js';
import { type Figure } from '../figure.js';
import { startPart } from '../part.js';
import { median } from '../measure.js';

const bench = 'live';
const peer = 'raw ws broadcast of the same bytes to as many';
const deliveryTimeoutMs = 30_000;

/** What is subscribed to: an event as its subgraph has it, and one that two more subgraphs add to. */
const subscriptions = {
  plain: 'subscription { claimEvents { cursor claim { id status amount } } }',
  enriched:
    'subscription { claimEvents { cursor claim { id status amount patient { name home { name } } } } }',
} as const;

const milliseconds = (from: bigint, to: string): number => Number(BigInt(to) - from) / 1e6;

type Start = (name: string, file: string, env?: Readonly<Record<string, string>>) => Promise<ChildPart>;

async function withParts<T>(work: (start: Start) => Promise<T>): Promise<T> {
  const parts: ChildPart[] = [];
  try {
    return await work(async (name, file, env = {}) => {
      const part = await startPart(name, new URL(file, import.meta.url), env);
      parts.push(part);
      return part;
    });
  } finally {
    for (const part of parts.reverse()) await part.stop();
  }
}

const memoryReport = z.object({ type: z.literal('memory'), bytes: z.number() });

/** Bytes that a part has resident. */
function memoryOf(part: ChildPart): Promise<number> {
  return new Promise((resolve) => {
    part.onMessage((message) => {
      const report = memoryReport.safeParse(message);
      if (report.success) resolve(report.data.bytes);
    });
    part.send({ ask: 'memory' });
  });
}

/** Makes an event and waits until everybody has it. */
type Deliver = () => Promise<{ readonly lastMs: number; readonly text: string } | undefined>;

/** Delivers until an event reaches everybody: only then has every subscription begun. */
async function untilSubscribed(deliver: Deliver): Promise<string> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const delivery = await deliver();
    if (delivery) return delivery.text;
  }
  throw new Error('No event reached every subscriber.');
}

interface Crowd {
  readonly oursMs: number;
  readonly broadcastMs: number;
  /** Bytes of the server for each subscriber. */
  readonly ourBytes: number;
  readonly broadcastBytes: number;
  readonly rounds: number;
}

/** An event to so many subscribers of the router, and beside each what a raw broadcast of the same text to as many took. */
function crowd(subscribers: number, subscription: string, rounds: number): Promise<Crowd> {
  return withParts(async (start) => {
    const subgraphs = await start('subgraphs', 'subgraphs-process.js');
    const router = await start('router', 'router-process.js', {
      BENCH_SUPERGRAPH: String(subgraphs.ready['supergraph']),
      BENCH_ENDPOINTS: JSON.stringify(subgraphs.ready['endpoints']),
    });
    const broadcaster = await start('broadcast', 'broadcast-process.js');
    const before = [await memoryOf(router), await memoryOf(broadcaster)] as const;
    const program = '../events/subscribers-process.js';
    const count = { BENCH_SUBSCRIBERS: String(subscribers) };
    const raw = new Waves(
      await start('raw subscribers', program, { ...count, BENCH_URL: String(broadcaster.ready['url']) }),
    );
    const ours = new Waves(
      await start('subscribers', program, {
        ...count,
        BENCH_URL: String(router.ready['url']).replace(/^http/, 'ws'),
        BENCH_TOKEN: 'bench',
        BENCH_SUBSCRIPTION: subscription,
      }),
    );
    const deliver =
      (waves: Waves, emit: (id: string) => void): Deliver =>
      async () => {
        const id = newEventId();
        const arrived = waves.of(id, deliveryTimeoutMs);
        const begin = process.hrtime.bigint();
        emit(id);
        const wave = await arrived;
        return wave && { lastMs: milliseconds(begin, wave.last), text: wave.text };
      };
    const routed = deliver(ours, (event) => {
      subgraphs.send({ event });
    });
    const text = await untilSubscribed(routed);
    const broadcast = deliver(raw, (id) => {
      broadcaster.send({ text: text.replace(eventIds, id) });
    });
    const after = [await memoryOf(router), await memoryOf(broadcaster)] as const;
    const times = { routed: [] as number[], broadcast: [] as number[] };
    for (let round = 0; round < rounds; round += 1) {
      const [one, other] = [await routed(), await broadcast()];
      if (!one || !other) throw new Error('An event did not reach every subscriber in time.');
      times.routed.push(one.lastMs);
      times.broadcast.push(other.lastMs);
    }
    return {
      oursMs: median(times.routed),
      broadcastMs: median(times.broadcast),
      ourBytes: (after[0] - before[0]) / subscribers,
      broadcastBytes: (after[1] - before[1]) / subscribers,
      rounds,
    };
  });
}

async function measured(subscribers: number, { quick, say }: BenchOptions): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [kind, subscription] of Object.entries(subscriptions)) {
    const { oursMs, broadcastMs, ourBytes, broadcastBytes, rounds } = await crowd(
      subscribers,
      subscription,
      quick ? 5 : 20,
    );
    say(
      `${subscribers} subscribers, ${kind}: ${oursMs.toFixed(1)} ms until the last has it, raw broadcast ` +
        `${broadcastMs.toFixed(1)} ms; ${(ourBytes / 1024).toFixed(1)} KB for each, raw ${(broadcastBytes / 1024).toFixed(1)} KB`,
    );
    figures.push({
      bench,
      figure: `deliver-${kind}-${subscribers}`,
      value: oursMs,
      unit: 'ms',
      peer,
      ratio: broadcastMs / oursMs,
      n: rounds,
    });
    if (subscribers > 1 && kind === 'plain') {
      const kilobytes = ourBytes / 1024;
      const ratio = broadcastBytes / ourBytes;
      const figure = `memory-per-subscriber-${subscribers}`;
      figures.push({ bench, figure, value: kilobytes, unit: 'KB', peer, ratio, n: subscribers });
    }
  }
  return figures;
}

/**
 * An event of a subgraph to everybody who is subscribed through the router, each on a WebSocket of their own, against a server that
 * sends the same bytes to whoever is connected. All subscribers have one operation and one token, as the pages of one user do.
 */
export const liveBench: Bench = {
  summary:
    'an event to 1, 1,000, 5,000 and 10,000 subscribers against a raw ws broadcast, plain and enriched',
  async run(options) {
    const figures: Figure[] = [];
    for (const subscribers of options.quick ? [1, 1_000] : [1, 1_000, 5_000, 10_000])
      figures.push(...(await measured(subscribers, options)));
    return figures;
  },
};
