import { createHash } from 'node:crypto';
import { type Connection, type mongo } from 'mongoose';

/** An operation as often as a router was sent it since it last told. */
export interface OperationUse {
  /** The document without anything that it was asked with. */
  readonly document: string;
  readonly count: number;
  readonly lastUsedAt: Date;
}

/** An operation that clients really send. */
export interface UsedOperation extends OperationUse {
  /** How often it was sent in the days that are kept. */
  readonly count: number;
}

/** @see OperationUsageStore */
export interface OperationUsageStoreOptions {
  /** A database beside the read models', which no rebuild touches. */
  readonly connection: Connection;
  /** Days that count, today with them; 14. */
  readonly days?: number;
  /** Different operations that are kept of one day, those sent most; 1,000. */
  readonly mostADay?: number;
}

/** An operation on one day. */
interface UseDocument {
  /** Day and digest of the document. */
  readonly _id: string;
  /** Since the epoch, in UTC. */
  readonly day: number;
  readonly digest: string;
  readonly document: string;
  readonly count: number;
  readonly lastUsedAt: Date;
}

const dayMs = 86_400_000;
const dayOf = (time: Date): number => Math.floor(time.getTime() / dayMs);

/**
 * Which operations clients really sent in the last days: what a change of the graph must not break. Several routers write to the
 * same one; whoever changes the graph reads it. It holds nothing of what was asked with, and nobody who asked.
 */
export class OperationUsageStore {
  readonly #uses: mongo.Collection<UseDocument>;
  readonly #days: number;
  readonly #mostADay: number;
  #isIndexed = false;

  constructor({ connection, days = 14, mostADay = 1_000 }: OperationUsageStoreOptions) {
    this.#uses = connection.collection<UseDocument>('operation_uses');
    this.#days = days;
    this.#mostADay = mostADay;
  }

  /** Adds to what is known; what is older than the days that count goes. */
  async record(uses: readonly OperationUse[]): Promise<void> {
    if (uses.length === 0) return;
    if (!this.#isIndexed) await this.#uses.createIndex({ day: 1, count: 1 }, {}, {});
    this.#isIndexed = true;
    await this.#uses.bulkWrite(
      uses.map(({ document, count, lastUsedAt }) => {
        const day = dayOf(lastUsedAt);
        const digest = createHash('sha256').update(document).digest('base64url');
        return {
          updateOne: {
            filter: { _id: `${day}:${digest}` },
            update: {
              $setOnInsert: { day, digest, document },
              $inc: { count },
              $max: { lastUsedAt },
            },
            upsert: true,
          },
        };
      }),
      { ordered: false },
    );
    for (const day of new Set(uses.map(({ lastUsedAt }) => dayOf(lastUsedAt)))) await this.#bound(day);
  }

  /** Operations of the last days. */
  async operations(now = new Date()): Promise<UsedOperation[]> {
    const used = new Map<string, UsedOperation>();
    const kept = this.#uses.find({ day: { $gt: dayOf(now) - this.#days } });
    for await (const { digest, document, count, lastUsedAt } of kept) {
      const before = used.get(digest);
      used.set(digest, {
        document,
        count: count + (before?.count ?? 0),
        lastUsedAt: before && before.lastUsedAt > lastUsedAt ? before.lastUsedAt : lastUsedAt,
      });
    }
    return [...used.values()];
  }

  /** Lets go of what is old, and of a day's operations that are too many: those sent least, so that no flood drives out what is used. */
  async #bound(day: number): Promise<void> {
    await this.#uses.deleteMany({ day: { $lte: day - this.#days } });
    const excess = (await this.#uses.countDocuments({ day })) - this.#mostADay;
    if (excess <= 0) return;
    const least = this.#uses.find({ day }, { projection: { _id: 1 } }).sort({ count: 1, lastUsedAt: 1 });
    const gone = await least.limit(excess).toArray();
    await this.#uses.deleteMany({ _id: { $in: gone.map(({ _id }) => _id) } });
  }
}
