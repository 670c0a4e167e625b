/** Where counts of calls are kept: added up in memory, written every few seconds, and gone after a while. */
import { type Connection, type Model } from 'mongoose';
import { BoundedCache } from '../cache/bounded-cache.js';
import { type Logger } from '../telemetry/index.js';
import { besideReadModels } from './beside-read-models.js';
import { type CallRecorder, type CountedUsage, type DAppCall, durationBounds, fewCallers } from './usage.js';

/** Counts as they are kept. */
export interface UsageDocument {
  readonly _id: string;
  readonly dapp: string;
  readonly version: string;
  /** UTC, such as `2026-11-23`. */
  readonly day: string;
  readonly operation: string;
  readonly calls: number;
  readonly failures: number;
  readonly durations?: Readonly<Record<string, number>>;
  readonly codes?: Readonly<Record<string, number>>;
  /** Keyed digests, different for each document. */
  readonly callers: readonly string[];
  readonly expiresAt: Date;
}

interface Pending {
  readonly call: Pick<UsageDocument, 'dapp' | 'version' | 'day' | 'operation'>;
  calls: number;
  failures: number;
  readonly durations: Map<number, number>;
  readonly codes: Map<string, number>;
  readonly callers: Set<string>;
}

/** @see DAppUsage */
export interface DAppUsageOptions {
  /** Of the read models: counts are in a database beside theirs, which no rebuild touches. */
  readonly connection: Connection;
  /** Digest of a text that nobody without the platform's key can make. */
  readonly keyedHash: (text: string) => string;
  readonly logger: Logger;
  /**
   * Codes that the bundle of a version has as they stand; none unless given. Any other code of a contract may be made of what a call
   * was about, so it is not kept.
   */
  readonly knownCodes?: (dapp: string, version: string) => Promise<ReadonlySet<string>>;
  /** Days until counts are gone; 92. */
  readonly daysKept?: number;
  /** Milliseconds between two writes; 5,000. */
  readonly writeEveryMs?: number;
}

/** Operations and days that are counted between two writes; what is beyond is not counted. */
const mostPending = 5_000;
/** Codes of one operation and day; those beyond are counted as one. */
const mostCodes = 50;
const codeOfOthers = 'OTHER';
const dayMs = 86_400_000;

/** Counts calls of DApps' contracts by DApp, version, operation and day. */
export class DAppUsage implements CallRecorder {
  readonly rows: Model<UsageDocument>;
  readonly #options: DAppUsageOptions;
  readonly #timer: NodeJS.Timeout;
  /** Callers that were counted of a row: no more than matter. */
  readonly #callers = new BoundedCache<string, Set<string>>(mostPending);
  #pending = new Map<string, Pending>();
  #writing: Promise<void> = Promise.resolve();

  constructor(options: DAppUsageOptions) {
    this.#options = options;
    this.rows = besideReadModels<UsageDocument>(options.connection, 'dapp_usage', [
      { dapp: 1, day: -1, _id: -1 },
    ]);
    this.#timer = setInterval(() => void this.write(), options.writeEveryMs ?? 5_000).unref();
  }

  record({ dapp, version, operation, caller, milliseconds, code }: DAppCall): void {
    const day = new Date().toISOString().slice(0, 10);
    const id = `${dapp}/${version}/${day}/${operation}`;
    const pending = this.#pendingOf(id, { dapp, version, day, operation });
    if (pending === undefined) return;
    pending.calls += 1;
    const bound = durationBounds.findIndex((most) => milliseconds <= most);
    add(pending.durations, bound === -1 ? durationBounds.length : bound);
    if (code !== undefined) {
      pending.failures += 1;
      add(pending.codes, pending.codes.has(code) || pending.codes.size < mostCodes ? code : codeOfOthers);
    }
    const callers = this.#callers.getOrCreate(id, () => new Set());
    if (callers.size >= fewCallers) return;
    const digest = this.#options.keyedHash(JSON.stringify([id, caller])).slice(0, 16);
    callers.add(digest);
    pending.callers.add(digest);
  }

  /** Writes what was counted. What cannot be written is lost, which the log says. */
  write(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.write();
  }

  #pendingOf(id: string, call: Pending['call']): Pending | undefined {
    const found = this.#pending.get(id);
    if (found !== undefined || this.#pending.size >= mostPending) return found;
    const made: Pending = {
      call,
      calls: 0,
      failures: 0,
      durations: new Map(),
      codes: new Map(),
      callers: new Set(),
    };
    this.#pending.set(id, made);
    return made;
  }

  async #write(): Promise<void> {
    const { daysKept = 92, logger } = this.#options;
    const written = this.#pending;
    if (written.size === 0) return;
    this.#pending = new Map();
    try {
      const rows = await Promise.all(
        [...written].map(async ([_id, pending]) => ({
          _id,
          ...pending,
          codes: await this.#codesKept(pending),
        })),
      );
      await this.rows.bulkWrite(
        rows.map(({ _id, call, calls, failures, durations, codes, callers }) => ({
          updateOne: {
            filter: { _id },
            update: {
              $setOnInsert: { ...call, expiresAt: new Date(Date.parse(call.day) + (daysKept + 1) * dayMs) },
              $inc: { calls, failures, ...counts('durations', durations), ...counts('codes', codes) },
              $addToSet: { callers: { $each: [...callers] } },
            },
            upsert: true,
          },
        })),
        { ordered: false },
      );
    } catch (error) {
      logger.warn({ err: error }, 'counts of calls to DApps are lost');
    }
  }

  /** The codes without those of contracts that their bundle does not have. */
  async #codesKept({ call: { dapp, version }, codes }: Pending): Promise<ReadonlyMap<string, number>> {
    if (codes.size === 0) return codes;
    const known = (await this.#options.knownCodes?.(dapp, version)) ?? new Set();
    const kept = new Map<string, number>();
    for (const [code, count] of codes) {
      const [ours = code, own] = code.split('/', 2);
      add(kept, own === undefined || known.has(own) ? code : ours, count);
    }
    return kept;
  }
}

/** The counts of a document. */
export function countedUsage({ calls, failures, durations, codes, callers }: UsageDocument): CountedUsage {
  const classes = Array.from({ length: durationBounds.length + 1 }, (_, index) => durations?.[index] ?? 0);
  return { calls, failures, durations: classes, codes: codes ?? {}, callers: callers.length };
}

function add<Key>(counts: Map<Key, number>, key: Key, count = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}

const counts = (field: string, values: ReadonlyMap<string | number, number>): Record<string, number> =>
  Object.fromEntries([...values].map(([name, count]) => [`${field}.${name}`, count]));
