import { BareClient } from '../bare-client.js';
import { type Bench, type BenchOptions } from '../bench.js';
import { type Figure } from '../figure.js';
import { insurerMspId, PolicyContract } from '../ledger/policies.js';
import { type Bounds, measure, repeat } from '../measure.js';
import { residentMegabytes } from '../resident-memory.js';
import { withTemporaryFolder } from '../temporary-folder.js';
import { GrownNetwork, type ServedNetwork } from './grown-network.js';

const bench = 'size';
const inFlight = 32;

/** What a ledger of one size was measured to do. */
interface Measured {
  readonly size: number;
  readonly throughput: number;
  readonly startMs: number;
  readonly megabytes: number;
  readonly operations: number;
}

async function measureServed(
  size: number,
  { profile, ledgerPid, ledgerStartMs }: ServedNetwork,
  { quick }: BenchOptions,
): Promise<Measured> {
  const bounds: Bounds = quick
    ? { operations: 300, milliseconds: 1_500 }
    : { operations: 4_000, milliseconds: 4_000 };
  const client = new BareClient(profile, insurerMspId, 'native');
  try {
    const contract = new PolicyContract(client);
    const submit = () => contract.register();
    // The first of a channel claims it for the insurer; any beside it would conflict.
    await submit();
    await measure(bounds, inFlight, submit);
    const { throughput, operations } = await repeat(quick ? 1 : 5, () => measure(bounds, inFlight, submit));
    const megabytes = await residentMegabytes([ledgerPid]);
    return { size, throughput, startMs: ledgerStartMs, megabytes, operations };
  } finally {
    client.close();
  }
}

function figuresOf(first: Measured, now: Measured): Figure[] {
  const peer = `the same ledger with ${first.size} transactions, same run`;
  const common = { bench, peer, n: now.operations };
  return [
    {
      ...common,
      figure: `submit-at-${now.size}`,
      value: now.throughput,
      unit: 'transactions/s',
      ratio: now.throughput / first.throughput,
    },
    {
      ...common,
      n: 1,
      figure: `restart-at-${now.size}`,
      value: now.startMs / 1000,
      unit: 's',
      ratio: first.startMs / now.startMs,
    },
    {
      ...common,
      n: 1,
      figure: `memory-at-${now.size}`,
      value: now.megabytes,
      unit: 'MB',
      ratio: first.megabytes / now.megabytes,
    },
  ];
}

/**
 * What a ledger of a size costs, against the same ledger when it was small: submits a second with 32 in flight, the time
 * that it takes to serve again, and the memory of its process after that load. In between the ledger grows by its own
 * commit path, in the process of the bench: each of those transactions is signed by a client and two endorsers and
 * validated in full, but none was simulated.
 */
export const sizeBench: Bench = {
  summary: 'what a ledger of 10,000, 100,000 and a million transactions costs, against a small one',
  run: (options) =>
    withTemporaryFolder(async (folder) => {
      const sizes = options.quick ? [1_000, 5_000] : [10_000, 100_000, 1_000_000];
      const network = new GrownNetwork(folder, options.say);
      const measureNow = (size: number) =>
        network.whileServed((served) => measureServed(size, served, options));
      // Made at its first start, which is no restart.
      await network.whileServed(() => Promise.resolve());
      const first = await measureNow(0);
      const figures: Figure[] = [];
      for (const size of sizes) {
        await network.growTo(size);
        const now = await measureNow(size);
        options.say(
          `${size} transactions: ${now.throughput.toFixed(0)}/s, restart ${now.startMs.toFixed(0)} ms, ${now.megabytes.toFixed(0)} MB ` +
            `(small: ${first.throughput.toFixed(0)}/s, ${first.startMs.toFixed(0)} ms, ${first.megabytes.toFixed(0)} MB)`,
        );
        figures.push(...figuresOf(first, now));
      }
      return figures;
    }),
};
