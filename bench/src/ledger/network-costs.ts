import { type BenchOptions } from '../bench.js';
import { type Figure } from '../figure.js';
import { alternate, measure, repeat } from '../measure.js';
import { residentMegabytes } from '../resident-memory.js';
import { GrownNetwork } from '../size/grown-network.js';
import { withTemporaryFolder } from '../temporary-folder.js';
import { type PolicyContract } from './policies.js';
import { recordedFabric, recordedPeer } from './recorded.js';

const bench = 'ledger';

/** A network under measurement, apart from the client. */
export interface MeasuredNetwork {
  readonly contract: PolicyContract;
  /** All processes of the network: nodes and contract suites. */
  readonly pids: () => Promise<readonly number[]>;
}

/** A real Fabric that runs the same contracts. */
export interface RealFabric extends MeasuredNetwork {
  /** How figures name it. */
  readonly name: string;
  /** From an empty folder until it served. */
  readonly startSeconds: number;
}

/** From the proposal of a transaction to its event, one at a time. */
export async function eventDelivery(
  { contract }: MeasuredNetwork,
  other: RealFabric | undefined,
  { quick, say }: BenchOptions,
): Promise<Figure[]> {
  const bounds = quick ? { operations: 40 } : { operations: 400, milliseconds: 5_000 };
  const run = (of: PolicyContract) => of.untilEvents((register) => measure(bounds, 1, register));
  const rounds = quick ? 1 : 5;
  const { ours, peer } = other
    ? await alternate(
        rounds,
        () => run(contract),
        () => run(other.contract),
      )
    : { ours: await repeat(rounds, () => run(contract)), peer: undefined };
  say(`event: p50 ${ours.p50.toFixed(1)} ms${peer ? `; real Fabric ${peer.p50.toFixed(1)} ms` : ''}`);
  return [
    {
      bench,
      figure: 'embedded-event-p50',
      value: ours.p50,
      unit: 'ms',
      ...(peer && { peer: other?.name, ratio: peer.p50 / ours.p50 }),
      n: ours.operations,
    },
  ];
}

/** Memory of all processes of the networks, after all that was asked of them before. */
export async function memory(
  network: MeasuredNetwork,
  other: RealFabric | undefined,
  { say }: BenchOptions,
): Promise<Figure[]> {
  const ours = await residentMegabytes(await network.pids());
  const peer = other && (await residentMegabytes(await other.pids()));
  say(`memory: ${ours.toFixed(0)} MB${peer === undefined ? '' : `; real Fabric ${peer.toFixed(0)} MB`}`);
  return [
    {
      bench,
      figure: 'embedded-memory',
      value: ours,
      unit: 'MB',
      peer: other?.name ?? recordedPeer(`${recordedFabric.megabytes} MB`),
      ratio: (peer ?? recordedFabric.megabytes) / ours,
      n: 1,
    },
  ];
}

/** Seconds from an empty folder until the network serves, keys and first blocks included. */
export async function startFromNothing(
  other: RealFabric | undefined,
  { quick, say }: BenchOptions,
): Promise<Figure[]> {
  const starts: number[] = [];
  for (let round = 0; round < (quick ? 1 : 5); round += 1)
    await withTemporaryFolder(async (folder) => {
      const begin = performance.now();
      await new GrownNetwork(folder, say).whileServed(() => {
        starts.push((performance.now() - begin) / 1000);
        return Promise.resolve();
      });
    });
  const seconds = starts.sort((a, b) => a - b)[Math.floor(starts.length / 2)] ?? Number.NaN;
  say(
    `start from nothing: ${seconds.toFixed(1)} s${other ? `; real Fabric ${other.startSeconds.toFixed(1)} s` : ''}`,
  );
  return [
    {
      bench,
      figure: 'embedded-start',
      value: seconds,
      unit: 's',
      peer: other?.name ?? recordedPeer(`${recordedFabric.startSeconds} s`),
      ratio: (other?.startSeconds ?? recordedFabric.startSeconds) / seconds,
      n: starts.length,
    },
  ];
}
