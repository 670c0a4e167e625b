import { Random } from './random.js';

/** Parts of a running system, as the launcher names them. */
export const partNames = ['ledger', 'care', 'claims', 'documents', 'platform'] as const;
export type PartName = (typeof partNames)[number];

/** Parts that keep data. */
export const storeNames = ['ledger', 'documents'] as const;
export type StoreName = (typeof storeNames)[number];

/** Something that goes wrong, from `at` on for `lasts`, both in milliseconds of the round's load. */
export type Fault = { readonly at: number; readonly lasts: number } & (
  | { readonly kind: 'kill'; readonly part: PartName }
  | { readonly kind: 'torn-write'; readonly part: StoreName }
  | { readonly kind: 'clock-jump'; readonly part: PartName; readonly by: number }
  | { readonly kind: 'slow-chaincode'; readonly part: 'care' | 'claims' }
  | { readonly kind: 'disk-full' }
);
export type FaultKind = Fault['kind'];
export const faultKinds: readonly FaultKind[] = [
  'kill',
  'torn-write',
  'clock-jump',
  'slow-chaincode',
  'disk-full',
];

/** What happens in a round. */
export interface Round {
  readonly number: number;
  /** Milliseconds of load. */
  readonly loadMs: number;
  readonly faults: readonly Fault[];
  /** Whether the ledger is killed at the end of the load, or asked to stop. */
  readonly endsWithKill: boolean;
}

const minute = 60_000;
const jumps = [2_000, minute, 60 * minute, 2 * 24 * 60 * minute];

/** Kills and torn writes are most of what happens. */
const onLargeDisk: readonly FaultKind[] = [
  ...(['kill', 'kill', 'kill', 'torn-write', 'torn-write'] as const),
  ...(['clock-jump', 'slow-chaincode'] as const),
];
const onSmallDisk: readonly FaultKind[] = [...onLargeDisk, 'disk-full', 'disk-full'];

/** Rounds that are played on one system. */
const roundsInSeason = 10;

/** Rounds that follow each other on the same data. */
export interface Season {
  /** Number of its first round. */
  readonly first: number;
  /** Number of its last round. */
  readonly last: number;
  /** Whether its data is on a disk that is small enough to be filled. Every other season is, the rest see real syncs. */
  readonly isOnSmallDisk: boolean;
}

/** The season that a round is of; rounds are counted from 1. */
export function seasonOf(number: number): Season {
  const index = Math.floor((number - 1) / roundsInSeason);
  const first = index * roundsInSeason + 1;
  return { first, last: first + roundsInSeason - 1, isOnSmallDisk: index % 2 === 1 };
}

/** The round of this number: the same for the same seed. */
export function roundOf(seed: number, number: number): Round {
  const random = new Random('medigraph faults', seed, number);
  const weighted = seasonOf(number).isOnSmallDisk ? onSmallDisk : onLargeDisk;
  const loadMs = random.whole(600, 1_200);
  const count = random.whole(1, 3);
  const faults = Array.from({ length: count }, () => faultOf(random, weighted, loadMs));
  return {
    number,
    loadMs,
    faults: faults.sort((a, b) => a.at - b.at),
    endsWithKill: random.next() < 0.5,
  };
}

function faultOf(random: Random, weighted: readonly FaultKind[], loadMs: number): Fault {
  const kind = random.pick(weighted);
  const at = random.whole(50, loadMs - 50);
  const lasts = random.whole(0, 400);
  switch (kind) {
    case 'kill':
      return { kind, at, lasts, part: random.pick(partNames) };
    case 'torn-write':
      return { kind, at, lasts, part: random.pick(storeNames) };
    case 'clock-jump': {
      const by = random.pick(jumps) * random.pick([-1, 1]);
      return { kind, at, lasts, part: random.pick(partNames), by };
    }
    case 'slow-chaincode':
      return { kind, at, lasts: lasts * 2, part: random.pick(['care', 'claims'] as const) };
    case 'disk-full':
      return { kind, at, lasts };
  }
}

/** In words, for people. */
export function describeFault(fault: Fault): string {
  const where = 'part' in fault ? ` ${fault.part}` : '';
  const by = fault.kind === 'clock-jump' ? ` by ${fault.by / 1000} s` : '';
  return `${fault.kind}${where}${by} at ${fault.at} ms for ${fault.lasts} ms`;
}
