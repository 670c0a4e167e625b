/**
 * A stream between a producer that cannot wait and a consumer that may be slow. It holds at most `capacity` values; one more
 * ends it: what waits is dropped and the consumer gets `onOverflow()` as the last value.
 */
export class BoundedQueue<T> implements AsyncIterableIterator<T> {
  readonly #capacity: number;
  readonly #onOverflow: () => T;
  readonly #onReturn: () => void;
  #values: T[] = [];
  #waiting: ((result: IteratorResult<T, undefined>) => void)[] = [];
  #ended = false;

  /** @param onReturn called once, when the consumer leaves or the queue overflows: the producer stops then. */
  constructor(options: Readonly<{ capacity: number; onOverflow: () => T; onReturn: () => void }>) {
    this.#capacity = options.capacity;
    this.#onOverflow = options.onOverflow;
    this.#onReturn = options.onReturn;
  }

  push(value: T): void {
    if (this.#ended) return;
    const consumer = this.#waiting.shift();
    if (consumer) consumer({ value, done: false });
    else if (this.#values.length < this.#capacity) this.#values.push(value);
    else {
      this.#values = [this.#onOverflow()];
      this.#ended = true;
      this.#onReturn();
    }
  }

  /** No more values come; those that wait are still delivered. */
  end(): void {
    this.#ended = true;
    for (const consumer of this.#waiting.splice(0)) consumer({ value: undefined, done: true });
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const value = this.#values.shift();
    if (value !== undefined) return Promise.resolve({ value, done: false });
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#values = [];
    if (!this.#ended) {
      this.end();
      this.#onReturn();
    }
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
