const windowMs = 60_000;
/** Addresses remembered; the oldest are forgotten first. */
const mostAddresses = 10_000;

/** How many requests that could be guesses one address may send a minute. */
export class RequestLimit {
  readonly #most: number;
  readonly #seen = new Map<string, { since: number; count: number }>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Takes one request; milliseconds to wait if it is one too many, else 0. */
  take(address: string): number {
    const now = Date.now();
    const found = this.#seen.get(address);
    if (found && now - found.since < windowMs) {
      found.count += 1;
      return found.count > this.#most ? found.since + windowMs - now : 0;
    }
    this.#seen.delete(address);
    this.#seen.set(address, { since: now, count: 1 });
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > mostAddresses && oldest !== undefined) this.#seen.delete(oldest);
    return 0;
  }
}
