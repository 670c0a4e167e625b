/**
 * A map that forgets what was not used of late: it holds at most twice `capacity` entries, and at least the `capacity` used
 * last. Kept as two generations, so that using an entry again costs no more than finding it.
 */
export class RecentMap<K, V> {
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  constructor(readonly capacity: number) {}

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: K): V | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const aged = this.#old.get(key);
    if (aged !== undefined) this.set(key, aged);
    return aged;
  }

  set(key: K, value: V): void {
    if (this.#young.size >= this.capacity && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map<K, V>();
    }
    this.#old.delete(key);
    this.#young.set(key, value);
  }
}
