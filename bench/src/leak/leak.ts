import { Agent } from 'node:http';
import { type ChildPart } from '@medigraph/launcher';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { type Bench, type BenchOptions } from '../bench.js';
import { type Figure } from '../figure.js';
import { startPart } from '../part.js';
import { poster } from '../poster.js';
import { median } from '../measure.js';

const bench = 'leak';
const connections = 16;
const samples = 10;

/** Bytes that the router keeps, once at the end of each tenth of the work, the first of which only warms it up. */
export interface Kept {
  readonly bytes: readonly number[];
  /** By how much it grew from the first three samples after the warming up to the last three. */
  readonly growth: number;
}

/** What is done, how often. */
export interface LeakLoad {
  readonly queries: number;
  /** Subscriptions that begin, get an event and end. */
  readonly cycles: number;
}

const heapReport = z.object({ type: z.literal('heap'), bytes: z.number() });

/** Asks a part how much it keeps, one question after the other. */
function heapOf(part: ChildPart): () => Promise<number> {
  let answered: ((bytes: number) => void) | undefined;
  part.onMessage((message) => {
    const report = heapReport.safeParse(message);
    if (report.success) answered?.(report.data.bytes);
  });
  return () =>
    new Promise((resolve) => {
      answered = resolve;
      part.send({ ask: 'heap' });
    });
}

async function inTenths(
  heap: () => Promise<number>,
  count: number,
  work: (index: number) => Promise<void>,
  say: BenchOptions['say'],
): Promise<Kept> {
  const bytes: number[] = [];
  for (let tenth = 0; tenth < samples; tenth += 1) {
    let next = Math.floor((count * tenth) / samples);
    const end = Math.floor((count * (tenth + 1)) / samples);
    const worker = async () => {
      while (next < end) await work(next++);
    };
    await Promise.all(Array.from({ length: connections }, worker));
    const kept = await heap();
    bytes.push(kept);
    say(`${end} of ${count} done, ${(kept / 2 ** 20).toFixed(1)} MB kept`);
  }
  return { bytes, growth: median(bytes.slice(-3)) - median(bytes.slice(1, 4)) };
}

/** Queries of many shapes: the same again and again, and with a variable. Errors are among them. */
function queryOf(index: number): object {
  const shape = index % 40;
  const asked = `q${shape}: claims(first: $n) { id status patient { name home { name } } }`;
  if (shape === 0) return { query: '{ claims { nothing } }' };
  if (shape === 1) return { query: '{ claim(id: "1") { patient { secret } } }' };
  return { query: `query Q($n: Int) { ${asked} }`, variables: { n: 1 + (index % 3) } };
}

/** Drives a router with queries, then with subscriptions, and measures what it keeps. */
export async function driveForLeaks({ queries, cycles }: LeakLoad, say: BenchOptions['say']) {
  const parts: ChildPart[] = [];
  const start = async (name: string, file: string, env: Record<string, string>): Promise<ChildPart> => {
    const part = await startPart(name, new URL(file, import.meta.url), env);
    parts.push(part);
    return part;
  };
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  try {
    const { ready } = await start('subgraphs', '../router/subgraphs-process.js', {});
    const router = await start('router', 'router-process.js', {
      BENCH_SUPERGRAPH: String(ready['supergraph']),
      BENCH_ENDPOINTS: JSON.stringify(ready['endpoints']),
    });
    const url = String(router.ready['url']);
    const heap = heapOf(router);
    const post = poster(agent);
    const query = async (index: number): Promise<void> => {
      await post(url, JSON.stringify(queryOf(index)), 'Bearer bench');
    };
    const queried = await inTenths(heap, queries, query, say);
    say(`${queries} queries: ${megabytes(queried)}`);
    const clients = Array.from({ length: connections }, () =>
      createClient({
        url: url.replace(/^http/, 'ws'),
        webSocketImpl: WebSocket,
        connectionParams: { authorization: 'Bearer bench' },
        lazyCloseTimeout: 60_000,
      }),
    );
    const subscription = 'subscription { claimChanged(burst: 1) { id patient { name } } }';
    const cycle = async (index: number): Promise<void> => {
      const events = clients[index % connections]?.iterate({ query: subscription });
      await events?.next();
      await events?.return?.();
    };
    const subscribed = await inTenths(heap, cycles, cycle, say);
    say(`${cycles} subscriptions: ${megabytes(subscribed)}`);
    for (const client of clients) await client.dispose();
    return { queried, subscribed };
  } finally {
    agent.destroy();
    for (const part of parts.reverse()) await part.stop();
  }
}

function megabytes({ bytes, growth }: Kept): string {
  const each = bytes.map((value) => (value / 2 ** 20).toFixed(1)).join(' ');
  return `MB kept ${each}; growth ${(growth / 2 ** 20).toFixed(2)} MB`;
}

/** A million queries and a hundred thousand subscriptions through one router, whose memory must stay what it was. */
export const leakBench: Bench = {
  summary: 'what a router keeps of a million queries and a hundred thousand subscriptions',
  async run({ quick, say }) {
    const load = quick ? { queries: 10_000, cycles: 1_000 } : { queries: 1_000_000, cycles: 100_000 };
    const { queried, subscribed } = await driveForLeaks(load, say);
    const figure = (name: string, { growth }: Kept, n: number): Figure => ({
      bench,
      figure: name,
      value: growth / n,
      unit: 'bytes kept/operation',
      n,
    });
    return [figure('queries', queried, load.queries), figure('subscriptions', subscribed, load.cycles)];
  },
};
