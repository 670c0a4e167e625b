/** What is done with stored files in the background: what nobody wants is removed, and the rest looked at. */
import { setTimeout as pause } from 'node:timers/promises';
import { checkFile, uploadPatienceMs } from '@medigraph/platform/files';
import { type Logger, type Metrics } from '@medigraph/platform/telemetry';
import { type EntryIndex } from '../read-model.js';
import { type FileService } from './file-service.js';

/** When and how fast. Times are in milliseconds. */
export interface SweepPace {
  /** From one pass to the next. */
  readonly everyMs: number;
  /** Bytes of stored files that are read in a second. */
  readonly bytesPerSecond: number;
  /** Uploads that nothing came for in so long are given up. */
  readonly patienceMs: number;
}

/** Slow enough that nobody waits for it: 4 MB a second is 345 GB a day. */
export const defaultSweepPace: SweepPace = {
  everyMs: 3_600_000,
  bytesPerSecond: 4_000_000,
  patienceMs: uploadPatienceMs,
};

/** What the last pass found. */
export interface SweepReport {
  readonly startedAt: string;
  /** Absent while it goes on. */
  readonly endedAt?: string;
  /** Files that were compared with what the ledger says of them. */
  readonly checked: number;
  /** Entries whose files are missing or altered. */
  readonly tampered: readonly string[];
  /** Uploads given up, and files of erased entries removed. */
  readonly removed: number;
}

interface SweepOptions {
  readonly files: FileService;
  readonly index: EntryIndex;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  readonly pace?: SweepPace;
}

/** Passes over the stored files, again and again. */
export class FileSweep {
  readonly #options: SweepOptions;
  readonly #pace: SweepPace;
  readonly #abort = new AbortController();
  #report: SweepReport | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: SweepOptions) {
    this.#options = options;
    this.#pace = options.pace ?? defaultSweepPace;
  }

  /** Of this process; undefined before its first pass. */
  get report(): SweepReport | undefined {
    return this.#report;
  }

  start(): this {
    this.#running = this.#passes();
    return this;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  /** One pass. */
  async pass(): Promise<SweepReport> {
    const startedAt = new Date().toISOString();
    this.#report = { startedAt, checked: 0, tampered: [], removed: 0 };
    const removed = (await this.#giveUpUploads()) + (await this.#removeErased());
    this.#report = { ...this.#report, removed };
    await this.#checkFiles();
    return (this.#report = { ...this.#report, endedAt: new Date().toISOString() });
  }

  async #passes(): Promise<void> {
    const { logger } = this.#options;
    const { signal } = this.#abort;
    const stopped = (): boolean => signal.aborted;
    while (!stopped()) {
      try {
        await pause(this.#pace.everyMs, undefined, { signal, ref: false });
        await this.pass();
      } catch (err) {
        if (!stopped()) logger.warn({ err }, 'sweep of stored files broke off');
      }
    }
  }

  async #giveUpUploads(): Promise<number> {
    const { files, index } = this.#options;
    const idle = await files.uploads.idleSince(new Date(Date.now() - this.#pace.patienceMs));
    for (const upload of idle) {
      // Completed, but for the last word of it: the entry is there, so the file stays.
      if (await index.entries.exists({ _id: upload.id })) await files.uploads.finish(upload.id);
      else await files.abort(upload);
    }
    return idle.length;
  }

  /** Only what the ledger says was erased: that an entry is not in the index may mean that the index is behind. */
  async #removeErased(): Promise<number> {
    const { files, index } = this.#options;
    let removed = 0;
    for await (const { id } of files.bucket.files()) {
      if (!(await index.erasures.exists({ _id: id }))) continue;
      await files.bucket.remove(id);
      removed += 1;
    }
    return removed;
  }

  async #checkFiles(): Promise<void> {
    const { files, index, logger, metrics } = this.#options;
    const entries = index.entries.find({ attachment: { $exists: true } } as object).sort({ _id: 1 });
    for await (const { _id: id, attachment } of entries.lean().cursor()) {
      if (attachment === undefined || this.#report === undefined) continue;
      const finding = await checkFile(files, { id, ...attachment });
      metrics?.filesChecked.inc({ outcome: finding?.problem ?? 'right' });
      const { tampered, checked } = this.#report;
      this.#report = {
        ...this.#report,
        checked: checked + 1,
        tampered: finding ? [...tampered, id].slice(0, 1000) : tampered,
      };
      if (finding) logger.error({ finding }, 'stored file is not the ledger’s');
      const { signal } = this.#abort;
      await pause((attachment.size / this.#pace.bytesPerSecond) * 1000, undefined, { signal, ref: false });
    }
  }
}
