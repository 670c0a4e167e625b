import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandError } from '../errors.js';
import { GraphRefusal } from '../graph-client.js';
import { PlatformError } from '@medigraph/platform/errors';
import { Backoff } from '@medigraph/platform/time';
import { type ImportCounts } from './import-file.js';
import { ImportReport } from './import-report.js';
import { type FileOutcome } from './import-file.js';
import { formatOf } from './file-format.js';
import { isPassing } from './passing-failures.js';

/** Imports one file and tells of each outcome. */
export type ImportWork = (
  file: string,
  onOutcomes: (outcomes: readonly FileOutcome[]) => Promise<void>,
) => Promise<ImportCounts>;

/** How a watched folder is worked off. */
export interface WatchedFolderOptions {
  readonly folder: string;
  readonly work: ImportWork;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  /** Milliseconds between two looks; a file is taken once it is the same in two. */
  readonly intervalMs: number;
}

/**
 * A folder into which files are put, and out of which they are imported: into `working/` while that lasts, then into `done/`, or into
 * `failed/` if anything was refused, each with a report. Whoever is killed in between finds the file in `working/` when
 * started again, and what was stored is not stored twice.
 */
export class WatchedFolder {
  readonly #options: WatchedFolderOptions;
  readonly #seen = new Map<string, string>();

  constructor(options: WatchedFolderOptions) {
    this.#options = options;
  }

  /** Works until the signal aborts. */
  async run(): Promise<void> {
    const { signal, intervalMs } = this.#options;
    const isStopped = (): boolean => signal.aborted;
    for (const name of ['working', 'done', 'failed']) await mkdir(this.#in(name), { recursive: true });
    for (const name of await readdir(this.#in('working')))
      if (formatOf(name) !== undefined && !isStopped()) await this.#import(name);
    while (!isStopped()) {
      for (const name of await this.#settled()) {
        if (isStopped()) return;
        const taken = await this.#freeName('working', name);
        // Of several that watch, one succeeds.
        const isOurs = await rename(this.#in(name), this.#in('working', taken)).then(() => true, isMissing);
        if (isOurs) await this.#import(taken);
      }
      await delay(intervalMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Files that are as they were at the last look: nobody writes to them any more. */
  async #settled(): Promise<string[]> {
    const settled: string[] = [];
    const names = (await readdir(this.#options.folder)).filter(
      (name) => formatOf(name) !== undefined && !name.startsWith('.') && !name.endsWith('.report.ndjson'),
    );
    for (const name of names.sort()) {
      const found = await stat(this.#in(name)).catch(() => undefined);
      if (!found?.isFile()) continue;
      const state = `${found.size}/${found.mtimeMs}`;
      if (this.#seen.get(name) === state) {
        this.#seen.delete(name);
        settled.push(name);
      } else this.#seen.set(name, state);
    }
    return settled;
  }

  async #import(name: string): Promise<void> {
    const { work, say, signal } = this.#options;
    const file = this.#in('working', name);
    const backoff = new Backoff({ initial: 500, limit: 60_000 });
    for (;;) {
      const report = new ImportReport(`${file}.report`);
      try {
        const counts = await work(file, (outcomes) => report.add(outcomes));
        await report.end(counts);
        say(`${name}: ${counts.STORED} stored, ${counts.EXISTING} there before, ${counts.REFUSED} refused`);
        await this.#finish(name, counts.REFUSED > 0 ? 'failed' : 'done');
        return;
      } catch (error) {
        const { code, message } = failureOf(error);
        await report.end({ code, message });
        say(`${name}: ${code}: ${message}`);
        if (!isPassing(error)) {
          await this.#finish(name, 'failed');
          return;
        }
      }
      await backoff.pause(signal);
      if (signal.aborted) return;
    }
  }

  /** The report first: a file that lies in `done/` or `failed/` has one. */
  async #finish(name: string, folder: 'done' | 'failed'): Promise<void> {
    const free = await this.#freeName(folder, name);
    await rename(this.#in('working', `${name}.report`), this.#in(folder, `${free}.report.ndjson`));
    await rename(this.#in('working', name), this.#in(folder, free));
  }

  async #freeName(folder: string, name: string): Promise<string> {
    const taken = new Set(await readdir(this.#in(folder)));
    const [, stem = name, extension = ''] = /^(.*?)((?:\.\w+){1,2})$/.exec(name) ?? [];
    for (let number = 1; ; number++) {
      const candidate = number === 1 ? name : `${stem}-${number}${extension}`;
      if (!taken.has(candidate)) return candidate;
    }
  }

  #in(...names: string[]): string {
    return path.join(this.#options.folder, ...names);
  }
}

function failureOf(error: unknown): { code: string; message: string } {
  if (error instanceof CommandError || error instanceof GraphRefusal || error instanceof PlatformError)
    return { code: error.code, message: error.message };
  return { code: 'GRAPH_UNAVAILABLE', message: error instanceof Error ? error.message : String(error) };
}

function isMissing(error: unknown): false {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  return false;
}
