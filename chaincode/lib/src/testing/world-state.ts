/** Where a value was written: a version is what validation compares. */
export interface Version {
  readonly block: number;
  readonly transaction: number;
}

/** A committed write; without a value, a deletion. */
export interface Modification {
  readonly transaction: string;
  readonly at: Date;
  readonly value?: Uint8Array;
}

export interface StoredValue {
  readonly key: string;
  readonly value: Uint8Array;
  readonly version: Version;
}

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Where in sorted keys those begin that do not come before this one. */
function firstNotBefore(order: readonly string[], key: string): number {
  let [low, high] = [0, order.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (byBytes(order[middle] ?? '', key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Committed keys with their versions and history; ranges come in the order of the keys' UTF-8 bytes, as in LevelDB. */
export class WorldState {
  readonly #values = new Map<string, StoredValue>();
  readonly #history = new Map<string, Modification[]>();
  #order: string[] | undefined;

  get(key: string): StoredValue | undefined {
    return this.#values.get(key);
  }

  /** Keys from `start` to before `end`; an empty end is open. */
  range(start: string, end: string): StoredValue[] {
    const order = (this.#order ??= [...this.#values.keys()].sort(byBytes));
    return order
      .slice(firstNotBefore(order, start), end === '' ? undefined : firstNotBefore(order, end))
      .flatMap((key) => this.#values.get(key) ?? []);
  }

  /** Keys that have a value. */
  keys(): string[] {
    return [...this.#values.keys()];
  }

  /** Newest first, as Fabric answers it. */
  history(key: string): Modification[] {
    return [...(this.#history.get(key) ?? [])].reverse();
  }

  apply(key: string, modification: Modification, version: Version): void {
    const { value } = modification;
    if (value) this.#values.set(key, { key, value, version });
    else this.#values.delete(key);
    this.#history.set(key, [...(this.#history.get(key) ?? []), modification]);
    this.#order = undefined;
  }
}
