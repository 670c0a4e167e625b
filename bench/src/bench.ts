import { type Figure } from './figure.js';

/** How a bench is run. */
export interface BenchOptions {
  /** Fewer operations: done within half a minute, at the price of figures that vary more. */
  readonly quick: boolean;
  /** Takes a line for people; figures go elsewhere. */
  readonly say: (line: string) => void;
}

/** One bench: it starts what it measures, measures, and leaves nothing behind. */
export interface Bench {
  /** One line for the list of benches. */
  readonly summary: string;
  run(options: BenchOptions): Promise<readonly Figure[]>;
}
