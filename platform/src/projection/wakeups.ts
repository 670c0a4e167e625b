/** Many that wait for one thing to happen, again and again. Waiting costs one closure; waking, one call each. */
export class Wakeups {
  #count = 0;
  #waiting = new Set<() => void>();

  /** How often {@link wake} was called: what to have seen before looking, so that nothing in between is missed. */
  get count(): number {
    return this.#count;
  }

  /** Resolves once {@link wake} was called more often than `seen`, or when the signal aborts. */
  next(seen: number, signal?: AbortSignal): Promise<void> {
    if (seen !== this.#count || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = (): void => {
        this.#waiting.delete(finish);
        signal?.removeEventListener('abort', finish);
        resolve();
      };
      this.#waiting.add(finish);
      signal?.addEventListener('abort', finish, { once: true });
    });
  }

  wake(): void {
    this.#count += 1;
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const finish of waiting) finish();
  }
}
