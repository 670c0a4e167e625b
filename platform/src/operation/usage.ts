/** What becomes of calls to DApps' contracts, counted for their publishers: never whose call it was, nor what it was about. */

/** A call of a contract of a DApp, as it ended. */
export interface DAppCall {
  readonly dapp: string;
  readonly version: string;
  /** `Contract:Transaction`. */
  readonly operation: string;
  /** Subject of the caller: counted, and not kept. */
  readonly caller: string;
  readonly milliseconds: number;
  /** Code that it failed with; absent if it did not. */
  readonly code?: string;
}

/** Takes note of calls. It neither fails nor keeps anybody waiting. */
export interface CallRecorder {
  record(call: DAppCall): void;
}

/** Upper bounds of the classes that durations are counted in, in milliseconds; what takes longer is in one more class. */
export const durationBounds = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000] as const;

/** Counts of one operation of one version on one day. */
export interface CountedUsage {
  readonly calls: number;
  readonly failures: number;
  /** One for each of {@link durationBounds}, and one more. */
  readonly durations: readonly number[];
  readonly codes: Readonly<Record<string, number>>;
  /** How many different callers, as far as it matters: counting ends at {@link fewCallers}. */
  readonly callers: number;
}

/** As many different callers it takes on a day, until what they did is told. */
export const fewCallers = 5;
/** Counts are told in steps of so many, so that whoever looks again and again does not see single calls. */
export const countStep = 5;

/** What a publisher is told. */
export interface ToldUsage {
  readonly calls: number;
  readonly failures: number;
  readonly errors: readonly { readonly code: string; readonly count: number }[];
  /** Milliseconds that half, 95 % and 99 % of the calls took at most; undefined beyond the last bound. */
  readonly p50?: number;
  readonly p95?: number;
  readonly p99?: number;
}

const told = (count: number): number => count - (count % countStep);

/** What of the counts is told; undefined where it would be about few. */
export function toldUsage({
  calls,
  failures,
  durations,
  codes,
  callers,
}: CountedUsage): ToldUsage | undefined {
  if (callers < fewCallers || told(calls) === 0) return undefined;
  return {
    calls: told(calls),
    failures: told(failures),
    errors: Object.entries(codes)
      .map(([code, count]) => ({ code, count: told(count) }))
      .filter(({ count }) => count > 0)
      .sort((one, other) => other.count - one.count || (one.code < other.code ? -1 : 1)),
    ...percentiles(durations),
  };
}

function percentiles(durations: readonly number[]): Pick<ToldUsage, 'p50' | 'p95' | 'p99'> {
  const all = durations.reduce((sum, count) => sum + count, 0);
  const below = (share: number): number | undefined => {
    let sum = 0;
    const index = durations.findIndex((count) => (sum += count) >= share * all);
    return durationBounds[index];
  };
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map(below);
  return {
    ...(p50 !== undefined && { p50 }),
    ...(p95 !== undefined && { p95 }),
    ...(p99 !== undefined && { p99 }),
  };
}
