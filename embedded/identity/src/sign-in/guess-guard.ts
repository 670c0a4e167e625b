import { z } from 'zod';
import { type SealedLevel } from '../store/sealed-level.js';

/** What is guessed at: each is counted for itself. */
export type Guessed = 'password' | 'code' | 'passkey';

const record = z.strictObject({ attempts: z.int(), lockedUntil: z.int() });

/** So many wrong guesses are free; each one more doubles the wait. */
const freeAttempts = 5;
const firstWaitMs = 30_000;
const longestWaitMs = 3_600_000;
/** Seconds after the last attempt until all is forgotten. */
const memorySeconds = 6 * 3600;

/**
 * Slows guessing down: after five wrong guesses in a row half a minute must pass before the next, then a minute, and so on
 * up to an hour. What has never existed is guarded as what does, so that nobody learns from it what there is.
 */
export class GuessGuard {
  readonly #store: SealedLevel;

  constructor(store: SealedLevel) {
    this.#store = store;
  }

  /**
   * Takes one attempt; it counts as wrong until {@link GuessGuard.succeeded} says otherwise, so that guesses made at once
   * all count.
   * @returns milliseconds to wait; 0 if the attempt may be made.
   */
  attempt(what: Guessed, name: string): Promise<number> {
    return this.#store.exclusively(async () => {
      const found = await this.#store.get(['guesses', what, name]);
      const { attempts, lockedUntil } =
        found === undefined ? { attempts: 0, lockedUntil: 0 } : record.parse(found);
      const now = Date.now();
      if (lockedUntil > now) return lockedUntil - now;
      const count = attempts + 1;
      const wait =
        count < freeAttempts ? 0 : Math.min(firstWaitMs * 2 ** (count - freeAttempts), longestWaitMs);
      await this.#store.write({
        path: ['guesses', what, name],
        value: { attempts: count, lockedUntil: now + wait },
        lifetime: memorySeconds,
      });
      return 0;
    });
  }

  /** Forgets the attempts: the last one was right. */
  async succeeded(what: Guessed, name: string): Promise<void> {
    await this.#store.exclusively(() => this.#store.write({ path: ['guesses', what, name] }));
  }
}
