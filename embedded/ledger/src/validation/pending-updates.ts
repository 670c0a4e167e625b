import { compareBytes } from '../rwset/byte-order.js';
import { type StateUpdate } from '../store/channel-store.js';
import { type Snapshot } from '../store/snapshot.js';
import { type VersionedValue } from '../store/versioned-value.js';
import { type Version } from '../wire/rwset.js';

/** State changes of the transactions of a block that were found valid so far. */
export class PendingUpdates {
  readonly #namespaces = new Map<string, Map<string, StateUpdate>>();

  has(namespace: string, key: string): boolean {
    return this.#namespaces.get(namespace)?.has(key) === true;
  }

  get(namespace: string, key: string): StateUpdate | undefined {
    return this.#namespaces.get(namespace)?.get(key);
  }

  set(namespace: string, key: string, value: VersionedValue | undefined, version: Version): void {
    let keys = this.#namespaces.get(namespace);
    if (keys === undefined) {
      keys = new Map<string, StateUpdate>();
      this.#namespaces.set(namespace, keys);
    }
    keys.set(key, { namespace, key, value, version });
  }

  *[Symbol.iterator](): Iterator<StateUpdate> {
    for (const keys of this.#namespaces.values()) yield* keys.values();
  }

  /** In the order of namespaces and keys. */
  sorted(): StateUpdate[] {
    return [...this].sort((a, b) => compareBytes(a.namespace, b.namespace) || compareBytes(a.key, b.key));
  }

  /** A range of the committed state with these changes upon it. */
  async *range(
    snapshot: Snapshot,
    namespace: string,
    startKey: string,
    endKey: string,
    includeEnd: boolean,
  ): AsyncGenerator<{ key: string; value: VersionedValue }, void> {
    const inRange = (key: string) => {
      if (compareBytes(key, startKey) < 0) return false;
      if (endKey === '') return true;
      const order = compareBytes(key, endKey);
      return order < 0 || (includeEnd && order === 0);
    };
    const updates = [...(this.#namespaces.get(namespace)?.values() ?? [])]
      .filter(({ key }) => inRange(key))
      .sort((a, b) => compareBytes(a.key, b.key));
    const committed = snapshot.range(namespace, startKey, endKey, includeEnd);
    try {
      let next = 0;
      for (let found = await committed.next(); found !== undefined; found = await committed.next()) {
        for (let update = updates[next]; update !== undefined; update = updates[next]) {
          const order = compareBytes(update.key, found.key);
          if (order > 0) break;
          next += 1;
          if (order === 0) found = undefined;
          if (update.value !== undefined) yield { key: update.key, value: update.value };
          if (found === undefined) break;
        }
        if (found !== undefined) yield { key: found.key, value: found };
      }
      for (const { key, value } of updates.slice(next)) if (value !== undefined) yield { key, value };
    } finally {
      await committed.close();
    }
  }
}
