import { type ChildPart } from '@medigraph/launcher';
import { type Bench, type BenchOptions } from '../bench.js';
import { newEventId } from '../events/event-ids.js';
import { Waves } from '../events/wave.js';
import { type Figure } from '../figure.js';
import { GraphCaller } from '../graph-caller.js';
import { alternate, measure, repeat, median } from '../measure.js';
import { startPart } from '../part.js';
import { type DAppBed, resolveField, withDAppBed } from './dapp-bed.js';

const bench = 'dapps';
const subscribers = 1_000;
const inFlight = 8;
const argument = JSON.stringify({ institution: 'insurer-a' });
const asking = (field: string): string => `query Ask($argument: String!) { ${field}(argument: $argument) }`;
const byHand = 'handWrittenResolve';

/** What it costs to have DApps in the graph, and to put them in. */
export const dappsBench: Bench = {
  summary:
    'hot swaps under live subscriptions, generated against hand-written subgraphs, graphs with 1, 10 and 50 DApps',
  run: (options) =>
    withDAppBed(options, async (bed) => {
      const caller = new GraphCaller(bed.router.url, bed.token);
      try {
        await untilAnswered(() => caller.request(asking(byHand), { argument }));
        const ask = (field: string) => () => caller.request(asking(field), { argument });
        await bed.dapps.activate({ manifest: bed.manifest(0), metadata: bed.metadata });
        await untilAnswered(ask(resolveField(0)));
        return [
          ...(await overhead(options, ask)),
          ...(await swaps(options, bed)),
          ...(await many(options, bed, ask)),
        ];
      } finally {
        caller.close();
      }
    }),
};

type Ask = (field: string) => () => Promise<unknown>;

/** The graph learns from the ledger, a moment later, for whom the caller acts. */
async function untilAnswered(ask: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

async function overhead({ quick, say }: BenchOptions, ask: Ask): Promise<Figure[]> {
  const bounds = { operations: quick ? 300 : 2_000, milliseconds: quick ? 1_500 : 5_000 };
  const rounds = quick ? 3 : 5;
  const { ours, peer } = await alternate(
    rounds,
    () => measure(bounds, inFlight, ask(resolveField(0))),
    () => measure(bounds, inFlight, ask(byHand)),
  );
  say(`generated ${ours.throughput.toFixed(0)}/s, by hand ${peer.throughput.toFixed(0)}/s`);
  return [
    {
      bench,
      figure: 'generated-subgraph',
      value: ours.throughput,
      unit: '1/s',
      peer: 'subgraph written by hand for the same contract',
      ratio: ours.throughput / peer.throughput,
      n: ours.operations,
    },
  ];
}

/** Versions of a DApp follow on one another while so many have subscriptions of another subgraph. */
async function swaps({ quick, say }: BenchOptions, bed: DAppBed): Promise<Figure[]> {
  const crowd: ChildPart = await startPart(
    'subscribers',
    new URL('../events/subscribers-process.js', import.meta.url),
    {
      BENCH_SUBSCRIBERS: String(subscribers),
      BENCH_URL: bed.router.url.replace(/^http/, 'ws'),
      BENCH_TOKEN: bed.token,
      BENCH_SUBSCRIPTION: 'subscription { handWrittenTicks { id } }',
    },
  );
  try {
    const waves = new Waves(crowd);
    /** Milliseconds until the last has a tick. */
    const tick = async (timeoutMs = 30_000): Promise<number | undefined> => {
      const id = newEventId();
      const arrived = waves.of(id, timeoutMs);
      const begin = process.hrtime.bigint();
      bed.ticks.append(id);
      const wave = await arrived;
      return wave && Number(BigInt(wave.last) - begin) / 1e6;
    };
    for (let attempt = 0; (await tick(5_000)) === undefined; attempt += 1)
      if (attempt === 30) throw new Error('The subscribers do not hear of anything.');
    const rounds = quick ? 5 : 20;
    const quiet: number[] = [];
    const swapping: number[] = [];
    const lasting: number[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      quiet.push(arrivedToAll(await tick()));
      const begin = performance.now();
      const manifest = bed.manifest(0, `1.${round}.0`);
      const swap = bed.dapps
        .activate({ manifest: withAnotherName(manifest, round), metadata: bed.metadata })
        .then(() => lasting.push(performance.now() - begin));
      // One sent as the change begins: it arrives before, during or after, at whichever price.
      swapping.push(arrivedToAll(await tick()));
      await swap;
      arrivedToAll(await tick());
    }
    const added = median(swapping) - median(quiet);
    say(
      `${rounds} swaps of ${median(lasting).toFixed(0)} ms under ${subscribers} subscriptions: none dropped; an event takes ` +
        `${median(quiet).toFixed(1)} ms, with a swap ${median(swapping).toFixed(1)} ms`,
    );
    return [
      { bench, figure: 'swap', value: median(lasting), unit: 'ms', n: rounds },
      {
        bench,
        figure: `swap-added-latency-${subscribers}`,
        value: added,
        unit: 'ms',
        peer: 'the same event with no swap under way',
        ratio: median(quiet) / median(swapping),
        n: rounds,
      },
    ];
  } finally {
    await crowd.stop();
  }
}

/** The graph is another one each time: a field has another name. */
const withAnotherName = (manifest: ReturnType<DAppBed['manifest']>, round: number) => ({
  ...manifest,
  graph: { ...manifest.graph, names: { 'Registration:Resolve': `resolve${round}` } },
});

/** @throws where a subscription was dropped or an event lost. */
function arrivedToAll(milliseconds: number | undefined): number {
  if (milliseconds === undefined) throw new Error('An event did not reach every subscriber.');
  return milliseconds;
}

async function many({ quick, say }: BenchOptions, bed: DAppBed, ask: Ask): Promise<Figure[]> {
  const bounds = { operations: quick ? 300 : 2_000, milliseconds: quick ? 1_500 : 5_000 };
  const latency = async () => (await repeat(quick ? 3 : 5, () => measure(bounds, 1, ask(byHand)))).p50;
  await bed.dapps.withdraw('bench0');
  const none = await latency();
  const figures: Figure[] = [];
  let there = 0;
  for (const count of [1, 10, 50]) {
    const added = Array.from({ length: count - there }, (_, index) => ({
      manifest: bed.manifest(there + index),
      metadata: bed.metadata,
    }));
    await bed.dapps.activate(...added);
    there = count;
    const begin = performance.now();
    bed.dapps.composed();
    const composition = performance.now() - begin;
    const p50 = await latency();
    say(
      `${count} DApps: composed in ${composition.toFixed(0)} ms, query p50 ${p50.toFixed(2)} ms (none: ${none.toFixed(2)} ms)`,
    );
    figures.push(
      { bench, figure: `compose-${count}`, value: composition, unit: 'ms', n: 1 },
      {
        bench,
        figure: `query-${count}`,
        value: p50,
        unit: 'ms',
        peer: 'the same query to a graph without DApps',
        ratio: none / p50,
        n: bounds.operations,
      },
    );
  }
  return figures;
}
