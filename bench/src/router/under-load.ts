import { type ChildPart } from '@medigraph/launcher';
import { type Figure } from '../figure.js';
import { alternate, measure, type Measurement } from '../measure.js';

/** A run of requests, and how they are sent. */
export interface Load {
  readonly quick: boolean;
  readonly connections: number;
  readonly say: (line: string) => void;
  /** Sends one request to a router. */
  readonly ask: (router: ChildPart) => Promise<string>;
}

/** A supergraph is swapped again and again, so often that each window sees several. */
const swapIntervalMs = 250;

/** The latency of requests before, while and after the router changes its supergraph several times a second. */
export async function swapUnderLoad(
  router: ChildPart,
  { quick, connections, say, ask }: Load,
): Promise<Figure[]> {
  const window = (): Promise<Measurement> =>
    measure({ operations: Number.POSITIVE_INFINITY, milliseconds: quick ? 1_500 : 5_000 }, connections, () =>
      ask(router),
    );
  const before = await window();
  const swapping = setInterval(() => {
    router.send({ ask: 'swap' });
  }, swapIntervalMs);
  const during = await window();
  clearInterval(swapping);
  const after = await window();
  say(
    `the graph changes every ${swapIntervalMs} ms: p99 ${before.p99.toFixed(1)} ms before, ` +
      `${during.p99.toFixed(1)} ms while, ${after.p99.toFixed(1)} ms after`,
  );
  const figureOf = (when: string, { p99, operations }: Measurement): Figure => ({
    bench: 'router',
    figure: `swap-${when}-p99`,
    value: p99,
    unit: 'ms',
    peer: 'before the graph changes',
    ratio: before.p99 / p99,
    n: operations,
  });
  return [figureOf('before', before), figureOf('during', during), figureOf('after', after)];
}

/** Something that can be left out of a router, to see what it costs. */
export interface Addition {
  /** Of the figure. */
  readonly figure: string;
  readonly what: string;
  readonly having: ChildPart;
  readonly lacking: ChildPart;
}

/** What something adds to a request: the same router with it, and without. */
export async function addedLatency(
  { figure, what, having, lacking }: Addition,
  { quick, connections, say, ask }: Load,
): Promise<Figure> {
  const bounds = { operations: Number.POSITIVE_INFINITY, milliseconds: quick ? 1_000 : 4_000 };
  const round = (router: ChildPart) => () => measure(bounds, connections, () => ask(router));
  await alternate(1, round(having), round(lacking));
  const { ours, peer } = await alternate(quick ? 3 : 7, round(having), round(lacking));
  const added = ours.p50 - peer.p50;
  say(`${what} add ${added.toFixed(2)} ms to ${peer.p50.toFixed(2)} ms`);
  return {
    bench: 'router',
    figure,
    value: added,
    unit: 'ms',
    peer: `the router without ${what}`,
    ratio: peer.p50 / ours.p50,
    n: ours.operations,
  };
}
