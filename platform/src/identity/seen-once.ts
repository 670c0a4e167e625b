/** Remembers names for at least a time: two generations of them, of which the older is dropped whole. */
export class SeenOnce {
  readonly #windowMs: number;
  #present = new Set<string>();
  #former = new Set<string>();
  #since = performance.now();

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Whether the name comes for the first time within the window. */
  first(name: string): boolean {
    const now = performance.now();
    if (now - this.#since >= this.#windowMs) {
      this.#former = now - this.#since >= 2 * this.#windowMs ? new Set() : this.#present;
      this.#present = new Set();
      this.#since = now;
    }
    if (this.#present.has(name) || this.#former.has(name)) return false;
    this.#present.add(name);
    return true;
  }
}
