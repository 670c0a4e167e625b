import { Wakeups } from './wakeups.js';

/**
 * Reads from a source while the consumer works, and gives the consumer all that has come meanwhile: single items while it
 * keeps up, large batches while it catches up.
 *
 * @param weigh - What an item counts towards `limit`.
 * @param limit - No more is read while what waits weighs this much, so memory stays bounded.
 */
export async function* readAhead<T>(
  source: AsyncIterable<T>,
  weigh: (item: T) => number,
  limit: number,
): AsyncGenerator<T[], void, undefined> {
  const buffer = new ReadAheadBuffer(source, weigh, limit);
  try {
    for (let batch = await buffer.take(); batch.length > 0; batch = await buffer.take()) yield batch;
  } finally {
    buffer.abandon();
  }
}

class ReadAheadBuffer<T> {
  readonly #limit: number;
  readonly #weigh: (item: T) => number;
  readonly #changed = new Wakeups();
  #waiting: T[] = [];
  #weight = 0;
  #abandoned = false;
  /** Set once the source has ended, well or not. */
  #end: { readonly error?: Error } | undefined;

  constructor(source: AsyncIterable<T>, weigh: (item: T) => number, limit: number) {
    this.#weigh = weigh;
    this.#limit = limit;
    this.#fill(source).then(
      () => this.#finish({}),
      (error: unknown) => this.#finish({ error: error instanceof Error ? error : new Error(String(error)) }),
    );
  }

  /** All that waits, as soon as there is something; nothing once the source has ended. */
  async take(): Promise<T[]> {
    while (this.#waiting.length === 0 && !this.#end) await this.#changed.next(this.#changed.count);
    const batch = this.#waiting;
    this.#waiting = [];
    this.#weight = 0;
    this.#changed.wake();
    if (batch.length === 0 && this.#end?.error) throw this.#end.error;
    return batch;
  }

  /** Lets go of the source at its next item. */
  abandon(): void {
    this.#abandoned = true;
    this.#changed.wake();
  }

  async #fill(source: AsyncIterable<T>): Promise<void> {
    for await (const item of source) {
      this.#waiting.push(item);
      this.#weight += this.#weigh(item);
      this.#changed.wake();
      while (this.#weight >= this.#limit && !this.#abandoned) await this.#changed.next(this.#changed.count);
      if (this.#abandoned) return;
    }
  }

  #finish(end: { readonly error?: Error }): void {
    this.#end = end;
    this.#changed.wake();
  }
}
