/**
 * A stream between a producer that cannot wait and a consumer that may be slow. It holds at most `capacity` values; one more
 * breaks it off: the consumer gets what waits, then `onOverflow()` as the reason.
 */
export class BoundedQueue<T> implements AsyncIterableIterator<T, undefined> {
  readonly #capacity: number;
  readonly #onOverflow: () => Error;
  readonly #onReturn: () => void;
  #values: T[] = [];
  #waiting: { resolve: (result: IteratorResult<T, undefined>) => void; reject: (reason: Error) => void }[] =
    [];
  #failure: Error | undefined;
  #ended = false;

  /** @param onReturn called once, when the consumer leaves or the queue overflows: the producer stops then. */
  constructor(options: Readonly<{ capacity: number; onOverflow: () => Error; onReturn: () => void }>) {
    this.#capacity = options.capacity;
    this.#onOverflow = options.onOverflow;
    this.#onReturn = options.onReturn;
  }

  push(value: T): void {
    if (this.#ended) return;
    const consumer = this.#waiting.shift();
    if (consumer) consumer.resolve({ value, done: false });
    else if (this.#values.length < this.#capacity) this.#values.push(value);
    else {
      this.end(this.#onOverflow());
      this.#onReturn();
    }
  }

  /** No more values come; those that wait are still delivered, then the failure, if there is one. */
  end(failure?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    const [first, ...others] = this.#waiting.splice(0);
    if (first && failure) first.reject(failure);
    else {
      this.#failure = failure;
      first?.resolve({ value: undefined, done: true });
    }
    for (const { resolve } of others) resolve({ value: undefined, done: true });
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const value = this.#values.shift();
    if (value !== undefined) return Promise.resolve({ value, done: false });
    if (this.#ended) {
      const failure = this.#failure;
      this.#failure = undefined;
      return failure ? Promise.reject(failure) : Promise.resolve({ value: undefined, done: true });
    }
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#values = [];
    this.#failure = undefined;
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
