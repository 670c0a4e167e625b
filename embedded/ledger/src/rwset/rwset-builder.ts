import {
  KVRWSet,
  TxReadWriteSet,
  type KVMetadataEntry,
  type KVRead,
  type KVWrite,
  type RangeQueryInfo,
  type Version,
} from '../wire/rwset.js';
import { compareBytes, sortedByKey } from './byte-order.js';

interface Namespace {
  readonly reads: Map<string, KVRead>;
  readonly writes: Map<string, KVWrite>;
  readonly metadataWrites: Map<string, { key: string; entries: KVMetadataEntry[] }>;
  readonly rangeQueries: Map<string, RangeQueryInfo>;
}

/** Gathers what a transaction reads and writes, and puts it in the one order that makes equal simulations equal bytes. */
export class ReadWriteSetBuilder {
  readonly #namespaces = new Map<string, Namespace>();

  addRead(namespace: string, key: string, version: Version | undefined): void {
    this.#of(namespace).reads.set(key, { key, version });
  }

  addWrite(namespace: string, key: string, value: Buffer): void {
    // An empty value deletes, as in Fabric.
    this.#of(namespace).writes.set(key, { key, isDelete: value.length === 0, value });
  }

  addMetadataWrite(namespace: string, key: string, entries: readonly KVMetadataEntry[]): void {
    const sorted = [...entries].sort((a, b) => compareBytes(a.name, b.name));
    this.#of(namespace).metadataWrites.set(key, { key, entries: sorted });
  }

  addRangeQuery(namespace: string, info: RangeQueryInfo): void {
    const { rangeQueries } = this.#of(namespace);
    const name = JSON.stringify([info.startKey, info.endKey, info.itrExhausted]);
    if (!rangeQueries.has(name)) rangeQueries.set(name, info);
  }

  /** Namespaces read or written: their endorsement policies are concerned. */
  get namespaces(): string[] {
    return [...this.#namespaces.keys()];
  }

  /** `TxReadWriteSet`. */
  build(): Buffer {
    const names = [...this.#namespaces.keys()].sort(compareBytes);
    return TxReadWriteSet.encode({
      nsRwset: names.map((namespace) => {
        const { reads, writes, metadataWrites, rangeQueries } = this.#of(namespace);
        const rwset = KVRWSet.encode({
          reads: sortedByKey(reads),
          writes: sortedByKey(writes),
          metadataWrites: sortedByKey(metadataWrites),
          rangeQueriesInfo: [...rangeQueries.values()],
        });
        return { namespace, rwset, collectionHashedRwset: [] };
      }),
    });
  }

  #of(name: string): Namespace {
    let namespace = this.#namespaces.get(name);
    if (namespace === undefined) {
      namespace = { reads: new Map(), writes: new Map(), metadataWrites: new Map(), rangeQueries: new Map() };
      this.#namespaces.set(name, namespace);
    }
    return namespace;
  }
}
