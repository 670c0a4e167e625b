/** What the publisher of a DApp may read of how its contracts run. */
import { type Connection, type Model } from 'mongoose';
import { type Logger } from '../telemetry/index.js';
import { besideReadModels } from './beside-read-models.js';

/** Something that happened to the contracts of a version. */
export interface DAppLogEntry {
  /** ISO 8601. */
  readonly at: string;
  readonly version: string;
  /** Of what was stopped; absent for what contracts wrote while they were loaded. */
  readonly code?: string;
  /** One sentence or line, without data of a transaction. */
  readonly message: string;
  /** The transaction in which it happened. */
  readonly transactionId?: string;
}

/** An entry as it is kept. Its id says in which order entries were written. */
export interface DAppLogDocument extends DAppLogEntry {
  readonly _id: string;
  readonly dapp: string;
  readonly expiresAt: Date;
}

/** @see DAppLog */
export interface DAppLogOptions {
  /** Of the read models: entries are in a database beside theirs, which no rebuild touches. */
  readonly connection: Connection;
  readonly logger: Logger;
  /** Entries of one DApp that are kept, the newest; 1,000. */
  readonly entriesKept?: number;
  /** Days until an entry is gone; 30. */
  readonly daysKept?: number;
  /** Milliseconds between two writes; 1,000. */
  readonly writeEveryMs?: number;
}

const dayMs = 86_400_000;
const longestMessage = 1_000;
/** Entries of one DApp that wait to be written; of more, the first ones are kept. */
const mostWaiting = 200;

/** A ring of entries for each DApp: written in the background, the newest kept. */
export class DAppLog {
  readonly entries: Model<DAppLogDocument>;
  readonly #options: DAppLogOptions;
  readonly #timer: NodeJS.Timeout;
  #waiting = new Map<string, DAppLogEntry[]>();
  #writing: Promise<void> = Promise.resolve();
  #last = '';

  constructor(options: DAppLogOptions) {
    this.#options = options;
    this.entries = besideReadModels<DAppLogDocument>(options.connection, 'dapp_log', [{ dapp: 1, _id: 1 }]);
    this.#timer = setInterval(() => void this.write(), options.writeEveryMs ?? 1_000).unref();
  }

  /** Takes an entry; it neither fails nor keeps anybody waiting. */
  add(dapp: string, entry: DAppLogEntry): void {
    const waiting = this.#waiting.get(dapp) ?? [];
    this.#waiting.set(dapp, waiting);
    if (waiting.length < mostWaiting)
      waiting.push({ ...entry, message: entry.message.slice(0, longestMessage) });
  }

  /** Writes what waits. What cannot be written is lost, which the log of the platform says. */
  write(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.write();
  }

  async #write(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    const expiresAt = new Date(Date.now() + (this.#options.daysKept ?? 30) * dayMs);
    try {
      for (const [dapp, entries] of waiting) {
        const documents = entries.map((entry) => ({ ...entry, _id: this.#nextId(), dapp, expiresAt }));
        await this.entries.insertMany(documents, { ordered: false });
        await this.#trim(dapp);
      }
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'entries in the logs of DApps are lost');
    }
  }

  /** Later ones are greater, also those of this process within one millisecond. */
  #nextId(): string {
    const now = `${Date.now().toString().padStart(15, '0')}-`;
    const [time = '', count = '0'] = this.#last.split('-');
    const next = now > `${time}-` ? `${now}000000` : `${time}-${String(Number(count) + 1).padStart(6, '0')}`;
    this.#last = next;
    return `${next}-${process.pid}`;
  }

  async #trim(dapp: string): Promise<void> {
    const [oldest] = await this.entries
      .find({ dapp })
      .sort({ _id: -1 })
      .skip((this.#options.entriesKept ?? 1_000) - 1)
      .limit(1)
      .lean<DAppLogDocument[]>()
      .exec();
    if (oldest) await this.entries.deleteMany({ dapp, _id: { $lt: oldest._id } });
  }
}
