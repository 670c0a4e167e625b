import { setTimeout as delay } from 'node:timers/promises';
import { type Logger } from 'pino';
import { SupergraphRefusedError } from '../errors.js';
import { type SupergraphSource } from './supergraph-source.js';

/** @see SupergraphWatch */
export interface SupergraphWatchOptions {
  readonly source: SupergraphSource;
  /** What the source gave at first. */
  readonly first: string;
  readonly intervalMs: number;
  /** Takes a supergraph that the source has given anew. */
  readonly change: (supergraph: string) => Promise<unknown>;
  readonly log: Logger;
}

/** Looks again and again for another supergraph where it comes from. What cannot be read or served changes nothing. */
export class SupergraphWatch {
  readonly #options: SupergraphWatchOptions;
  readonly #stopping = new AbortController();
  #last: string;

  constructor(options: SupergraphWatchOptions) {
    this.#options = options;
    this.#last = options.first;
  }

  start(): this {
    void this.#run();
    return this;
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #run(): Promise<void> {
    const { intervalMs } = this.#options;
    const { signal } = this.#stopping;
    for (;;) {
      try {
        await delay(intervalMs, undefined, { signal, ref: false });
      } catch {
        return;
      }
      await this.#look();
    }
  }

  async #look(): Promise<void> {
    const { source, change, log } = this.#options;
    try {
      const supergraph = await source.read();
      // One that was refused, or rolled back, is not tried again until the source has another.
      if (supergraph === undefined || supergraph === this.#last) return;
      this.#last = supergraph;
      await change(supergraph);
    } catch (error) {
      // A refusal was logged where it was made.
      if (!(error instanceof SupergraphRefusedError))
        log.warn({ err: error }, 'supergraph could not be read');
    }
  }
}
