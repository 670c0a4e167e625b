import { type LedgerBlock } from './store/block.js';
import { type TransactionLocation } from './store/channel-store.js';
import { RecentMap } from './crypto/recent.js';
import { type LedgerStorageError } from './errors.js';

/** Blocks kept in memory for readers that follow the end of the chain. */
const recentBlocks = 64;

/** Tells of commits: to who waits for a transaction, and to who waits for the next block. */
export class CommitFeed {
  readonly #transactions = new Map<string, Set<PromiseWithResolve<TransactionLocation>>>();
  readonly #blocks = new Set<PromiseWithResolve<undefined>>();
  readonly #recent = new RecentMap<number, LedgerBlock>(recentBlocks);
  #failure: LedgerStorageError | undefined;

  /** Set once a block could not be written. */
  get failure(): LedgerStorageError | undefined {
    return this.#failure;
  }

  recent(number: number): LedgerBlock | undefined {
    return this.#recent.get(number);
  }

  /** Called once the block is on disk. */
  committed(
    block: LedgerBlock,
    transactions: readonly { id: string; location: TransactionLocation }[],
  ): void {
    this.#recent.set(block.header.number, block);
    for (const { id, location } of transactions) {
      for (const waiting of this.#transactions.get(id) ?? []) waiting.resolve(location);
      this.#transactions.delete(id);
    }
    for (const waiting of this.#blocks) waiting.resolve(undefined);
    this.#blocks.clear();
  }

  /** Called when nothing will be committed any more. */
  fail(error: LedgerStorageError): void {
    this.#failure = error;
    for (const waiters of this.#transactions.values()) for (const waiting of waiters) waiting.reject(error);
    this.#transactions.clear();
  }

  /** Where the transaction will be; rejects when the signal aborts or the channel fails. */
  transaction(id: string, signal: AbortSignal): Promise<TransactionLocation> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const waiting = withResolve<TransactionLocation>();
    const waiters = this.#transactions.get(id) ?? new Set();
    this.#transactions.set(id, waiters.add(waiting));
    return abortable(waiting, signal, () => {
      waiters.delete(waiting);
      if (waiters.size === 0 && this.#transactions.get(id) === waiters) this.#transactions.delete(id);
    });
  }

  /** Resolves at the next commit; rejects when the signal aborts. */
  async nextBlock(signal: AbortSignal): Promise<void> {
    const waiting = withResolve<undefined>();
    this.#blocks.add(waiting);
    await abortable(waiting, signal, () => this.#blocks.delete(waiting));
  }
}

interface PromiseWithResolve<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

function withResolve<T>(): PromiseWithResolve<T> {
  let resolve: PromiseWithResolve<T>['resolve'] = () => undefined;
  let reject: PromiseWithResolve<T>['reject'] = () => undefined;
  const promise = new Promise<T>((...both) => ([resolve, reject] = both));
  return { promise, resolve, reject };
}

async function abortable<T>(
  waiting: PromiseWithResolve<T>,
  signal: AbortSignal,
  forget: () => void,
): Promise<T> {
  const abort = () => {
    forget();
    waiting.reject(new Error('aborted'));
  };
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await waiting.promise;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
