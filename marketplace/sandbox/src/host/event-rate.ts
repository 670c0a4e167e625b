/** Transactions of which the event was heard of, so that several peers that run one count it once. */
const mostRemembered = 10_000;

/** How many transactions of a DApp may tell of something within a second. */
export class EventRate {
  readonly #perSecond: number;
  readonly #now: () => number;
  #heard = new Set<string>();
  #since = -Infinity;
  #count = 0;

  /** @param now - in milliseconds, from any beginning. */
  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#now = now;
  }

  /** Whether the event of a transaction may go. */
  admits(transaction: string): boolean {
    if (this.#heard.has(transaction)) return true;
    const now = this.#now();
    if (now - this.#since >= 1_000) {
      this.#since = now;
      this.#count = 0;
      if (this.#heard.size > mostRemembered) this.#heard = new Set();
    }
    if (this.#count >= this.#perSecond) return false;
    this.#count += 1;
    this.#heard.add(transaction);
    return true;
  }
}
