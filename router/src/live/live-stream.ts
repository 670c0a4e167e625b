import { type ExecutionResult } from 'graphql';
import { asRouterError, TokenExpiredError, type RouterError } from '../errors.js';

/** Timers take no longer than this (2^31 - 1 milliseconds). */
const longestTimer = 2_147_483_647;

type Item = IteratorResult<ExecutionResult, undefined>;

/**
 * A subscription as its client sees it: the source's results as they are pulled, until the source ends, the client leaves
 * or its token expires. What cuts a stream is its last result, a coded error.
 */
export class LiveStream implements AsyncIterableIterator<ExecutionResult> {
  readonly #source: AsyncIterableIterator<ExecutionResult>;
  readonly #present: (result: ExecutionResult) => ExecutionResult;
  readonly #onEnd: (error: RouterError | undefined) => void;
  #expiry: NodeJS.Timeout | undefined;
  #last: ExecutionResult | undefined;
  #ended = false;
  #waiting: ((item: Item) => void) | undefined;

  /**
   * @param options.present gives a result the form in which clients see it.
   * @param options.expiresAt when the client's token expires, in seconds since the epoch; never, where it has none.
   * @param options.onEnd called once, with what cut the stream, if something did.
   */
  constructor(
    source: AsyncIterableIterator<ExecutionResult>,
    options: Readonly<{
      present: (result: ExecutionResult) => ExecutionResult;
      expiresAt?: number;
      onEnd: (error: RouterError | undefined) => void;
    }>,
  ) {
    this.#source = source;
    this.#present = options.present;
    this.#onEnd = options.onEnd;
    if (options.expiresAt !== undefined) this.#armExpiry(options.expiresAt * 1000);
  }

  /** Ends the stream; an error is its last result. */
  end(error?: RouterError): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#expiry);
    this.#last = error && { errors: error.toGraphQLErrors() };
    // The source may hang in its own next(); nobody waits for it here.
    void Promise.resolve(this.#source.return?.()).catch(() => undefined);
    const consumer = this.#waiting;
    this.#waiting = undefined;
    consumer?.(this.#takeLast());
    this.#onEnd(error);
  }

  async next(): Promise<Item> {
    if (this.#ended) return this.#takeLast();
    const pulled = this.#source
      .next()
      .then((item): Item =>
        item.done ? { done: true, value: undefined } : { done: false, value: this.#present(item.value) },
      );
    return new Promise((resolve) => {
      this.#waiting = resolve;
      pulled.then(
        (item) => {
          if (this.#waiting !== resolve) return;
          this.#waiting = undefined;
          if (item.done) this.end();
          resolve(item);
        },
        (error: unknown) => {
          this.end(asRouterError(error));
        },
      );
    });
  }

  return(): Promise<Item> {
    this.end();
    this.#last = undefined;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #takeLast(): Item {
    const last = this.#last;
    this.#last = undefined;
    return last ? { done: false, value: last } : { done: true, value: undefined };
  }

  #armExpiry(at: number): void {
    const remaining = at - Date.now();
    this.#expiry = setTimeout(
      () => {
        if (remaining > longestTimer) this.#armExpiry(at);
        else this.end(new TokenExpiredError());
      },
      Math.min(Math.max(remaining, 0), longestTimer),
    );
    this.#expiry.unref();
  }
}
