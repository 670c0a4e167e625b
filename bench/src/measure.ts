/** What a run of equal operations came to. */
export interface Measurement {
  readonly operations: number;
  /** Operations a second. */
  readonly throughput: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

const percentile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

/** The value in the middle; of an even number, the higher of the two. */
export const median = (values: readonly number[]): number =>
  percentile(
    [...values].sort((a, b) => a - b),
    0.5,
  );

/** When a run is over: after so many operations or so many milliseconds, whichever comes first. */
export interface Bounds {
  readonly operations: number;
  readonly milliseconds?: number;
}

/** Runs an operation again and again with at most `inFlight` under way; the operation gets its number. */
export async function measure(
  { operations, milliseconds = Number.POSITIVE_INFINITY }: Bounds,
  inFlight: number,
  operation: (index: number) => Promise<unknown>,
): Promise<Measurement> {
  const latencies: number[] = [];
  const begin = performance.now();
  let next = 0;
  const worker = async () => {
    while (next < operations && performance.now() - begin < milliseconds) {
      const index = next++;
      const start = performance.now();
      await operation(index);
      latencies.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, operations) }, worker));
  const seconds = (performance.now() - begin) / 1000;
  latencies.sort((a, b) => a - b);
  return {
    operations: latencies.length,
    throughput: latencies.length / seconds,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
  };
}

/**
 * Measures two ways of doing the same in alternating rounds, so that drift of the machine falls on both, and answers
 * the round of each with the median throughput.
 */
export async function alternate(
  rounds: number,
  ours: (round: number) => Promise<Measurement>,
  peer: (round: number) => Promise<Measurement>,
): Promise<{ ours: Measurement; peer: Measurement }> {
  const left: Measurement[] = [];
  const right: Measurement[] = [];
  for (let round = 0; round < rounds; round += 1) {
    left.push(await ours(round));
    right.push(await peer(round));
  }
  return { ours: middleOf(left), peer: middleOf(right) };
}

/** Measures a number of rounds and answers the one with the median throughput. */
export async function repeat(
  rounds: number,
  run: (round: number) => Promise<Measurement>,
): Promise<Measurement> {
  const runs: Measurement[] = [];
  for (let round = 0; round < rounds; round += 1) runs.push(await run(round));
  return middleOf(runs);
}

/** The round in the middle, by throughput. */
function middleOf(runs: readonly Measurement[]): Measurement {
  const sorted = [...runs].sort((a, b) => a.throughput - b.throughput);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (!middle) throw new RangeError('at least one round is needed');
  return middle;
}
