import { BoundedCache } from '../cache/bounded-cache.js';

/** So much within so many seconds: at once, or spread over them. */
export interface Rate {
  readonly amount: number;
  readonly perSeconds: number;
}

/**
 * Limits by the generic cell rate algorithm: what is kept of each name is one number, the time at which all that it took will be
 * made up for. Names that were not used for longest are forgotten first, so that memory is bounded.
 */
export class RateLimiter {
  readonly #rate: Rate;
  readonly #madeUpAt: BoundedCache<string, number>;

  constructor(rate: Rate, maxNames: number) {
    this.#rate = rate;
    this.#madeUpAt = new BoundedCache(maxNames);
  }

  /**
   * Takes an amount, all or nothing.
   * @returns 0 if it was taken; otherwise after how many milliseconds it could be, or `Infinity` for more than there ever is.
   */
  take(name: string, amount = 1): number {
    const { amount: whole, perSeconds } = this.#rate;
    if (amount > whole) return Number.POSITIVE_INFINITY;
    const now = performance.now();
    const period = perSeconds * 1000;
    const madeUpAt = Math.max(this.#madeUpAt.get(name) ?? now, now) + (amount / whole) * period;
    const wait = madeUpAt - now - period;
    // The sum of many fractions may be off by next to nothing.
    if (wait > 1e-6) return wait;
    this.#madeUpAt.set(name, madeUpAt);
    return 0;
  }
}
