import { type GuestReport } from '../report.js';

/** How long transactions took: how many took at most so many milliseconds. */
export const durationBuckets = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000] as const;

/** What is known of one transaction of a DApp, over all its runs since the host began. */
export interface TransactionMetrics {
  readonly calls: number;
  readonly failures: number;
  /** Milliseconds in sum. */
  readonly duration: number;
  /** Beside {@link durationBuckets}, one for whatever took longer. */
  readonly buckets: readonly number[];
}

/** Counts for a DApp's author; never data of a transaction. */
export interface GuestMetrics {
  readonly transactions: Readonly<Record<string, TransactionMetrics>>;
  /** How often what was stopped. */
  readonly reports: Readonly<Record<string, number>>;
  /** Refusals of the contracts by the code that their message begins with, if the bundle has it. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly restarts: number;
  /** Lines that the contracts wrote after their first transaction, which nobody is shown. */
  readonly linesWithheld: number;
}

/** Something that the author of a DApp may read. */
export interface JournalEntry {
  /** ISO 8601. */
  readonly at: string;
  readonly version: string;
  readonly report?: GuestReport;
  /** What contracts wrote while they were loaded: later lines may hold data of transactions. */
  readonly line?: string;
}

const mostEntries = 200;
/** Of each kind of name. */
const mostNames = 200;

interface Counts {
  calls: number;
  failures: number;
  duration: number;
  buckets: number[];
}

/** What happens to the contracts of one DApp, bounded in memory. */
export class Journal {
  readonly #onEntry: (entry: JournalEntry) => void;
  readonly #entries: JournalEntry[] = [];
  readonly #transactions = new Map<string, Counts>();
  readonly #reports = new Map<string, number>();
  readonly #refusals = new Map<string, number>();
  restarts = 0;
  linesWithheld = 0;

  /** @param onEntry - told of each entry, for whoever keeps them longer. */
  constructor(onEntry: (entry: JournalEntry) => void = () => undefined) {
    this.#onEntry = onEntry;
  }

  report(version: string, report: GuestReport): void {
    count(this.#reports, report.code);
    this.#add({ at: new Date().toISOString(), version, report });
  }

  line(version: string, line: string): void {
    this.#add({ at: new Date().toISOString(), version, line });
  }

  transaction(
    name: string,
    duration: number,
    outcome: { readonly failed: boolean; readonly code?: string },
  ): void {
    let counts = this.#transactions.get(name);
    if (counts === undefined) {
      if (this.#transactions.size >= mostNames) return;
      counts = {
        calls: 0,
        failures: 0,
        duration: 0,
        buckets: Array<number>(durationBuckets.length + 1).fill(0),
      };
      this.#transactions.set(name, counts);
    }
    counts.calls += 1;
    counts.duration += duration;
    if (outcome.failed) counts.failures += 1;
    const bucket = durationBuckets.findIndex((most) => duration <= most);
    const index = bucket === -1 ? durationBuckets.length : bucket;
    counts.buckets[index] = (counts.buckets[index] ?? 0) + 1;
    if (outcome.code !== undefined) count(this.#refusals, outcome.code);
  }

  /** Oldest first. */
  get entries(): readonly JournalEntry[] {
    return [...this.#entries];
  }

  get metrics(): GuestMetrics {
    return {
      transactions: Object.fromEntries([...this.#transactions].map(([name, each]) => [name, { ...each, buckets: [...each.buckets] }])), // prettier-ignore
      reports: Object.fromEntries(this.#reports),
      refusals: Object.fromEntries(this.#refusals),
      restarts: this.restarts,
      linesWithheld: this.linesWithheld,
    };
  }

  #add(entry: JournalEntry): void {
    this.#entries.push(entry);
    this.#onEntry(entry);
    if (this.#entries.length > mostEntries) this.#entries.shift();
  }
}

function count(counts: Map<string, number>, name: string): void {
  if (counts.has(name) || counts.size < mostNames) counts.set(name, (counts.get(name) ?? 0) + 1);
}
