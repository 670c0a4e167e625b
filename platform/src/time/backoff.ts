import { setTimeout as delay } from 'node:timers/promises';

export interface BackoffOptions {
  /** Milliseconds before the second attempt. */
  readonly initial: number;
  /** Most milliseconds between two attempts. */
  readonly limit: number;
}

/** Growing pauses between attempts, jittered so that many clients do not come back at the same moment. */
export class Backoff {
  readonly #options: BackoffOptions;
  #attempts = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  reset(): void {
    this.#attempts = 0;
  }

  /** Resolves after the next pause, or at once when the signal aborts. */
  async pause(signal?: AbortSignal): Promise<void> {
    const longest = Math.min(this.#options.limit, this.#options.initial * 2 ** this.#attempts);
    this.#attempts += 1;
    if (signal?.aborted) return;
    await delay(longest * (0.5 + Math.random() / 2), undefined, { signal }).catch((error: unknown) => {
      if (!signal?.aborted) throw error;
    });
  }
}
