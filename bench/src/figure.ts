/** One measured figure, printed as a line of JSON: `ratio` above 1 means better than the peer. */
export interface Figure {
  readonly bench: string;
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  /** What it is compared with, measured in the same run; absent where there is nothing to compare with. */
  readonly peer?: string;
  readonly ratio?: number;
  /** How many operations (or rounds) the value is made of. */
  readonly n: number;
}

/** Rounds to three significant digits: no more is repeatable on a shared machine. */
export function significant(value: number): number {
  return Number(value.toPrecision(3));
}

/** The line of JSON, its members always in the same order. */
export function figureLine({ bench, figure, value, unit, peer, ratio, n }: Figure): string {
  const rounded = ratio === undefined ? undefined : significant(ratio);
  return JSON.stringify({ bench, figure, value: significant(value), unit, peer, ratio: rounded, n });
}
