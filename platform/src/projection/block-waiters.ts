interface Waiter {
  readonly block: number;
  readonly settle: (reached: boolean) => void;
}

/** Callers that wait until a channel's read model has come to a block. */
export class BlockWaiters {
  #applied: number;
  #waiters: Waiter[] = [];

  constructor(applied: number) {
    this.#applied = applied;
  }

  get applied(): number {
    return this.#applied;
  }

  /** Sets how far the read model has come, which after a rebuild may be less than before. */
  advance(applied: number): void {
    this.#applied = applied;
    const settled = this.#waiters.filter(({ block }) => block <= applied);
    if (settled.length === 0) return;
    this.#waiters = this.#waiters.filter(({ block }) => block > applied);
    for (const { settle } of settled) settle(true);
  }

  /** True once the block is applied; false after `timeoutMs`, if that is given, or when released. */
  wait(block: number, timeoutMs?: number): Promise<boolean> {
    if (block <= this.#applied) return Promise.resolve(true);
    return new Promise((resolve) => {
      const waiter: Waiter = {
        block,
        settle: (reached) => {
          clearTimeout(timer);
          resolve(reached);
        },
      };
      const timer =
        timeoutMs === undefined
          ? undefined
          : setTimeout(() => {
              this.#waiters = this.#waiters.filter((other) => other !== waiter);
              resolve(false);
            }, timeoutMs);
      this.#waiters.push(waiter);
    });
  }

  /** Tells everybody who waits that it will not happen. */
  release(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { settle } of waiters) settle(false);
  }
}
