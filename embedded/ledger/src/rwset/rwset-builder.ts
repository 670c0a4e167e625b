import { sha256 } from '../crypto/hash.js';
import { noBytes } from '../wire/message.js';
import {
  KVRWSet,
  TxReadWriteSet,
  type TxPvtReadWriteSet,
  type KVMetadataEntry,
  type KVRead,
  type KVWrite,
  type RangeQueryInfo,
  type Version,
} from '../wire/rwset.js';
import { compareBytes, sortedByKey } from './byte-order.js';
import { CollectionSetBuilder } from './collection-set-builder.js';

interface Namespace {
  readonly reads: Map<string, KVRead>;
  readonly writes: Map<string, KVWrite>;
  readonly metadataWrites: Map<string, { key: string; entries: KVMetadataEntry[] }>;
  readonly rangeQueries: Map<string, RangeQueryInfo>;
  readonly collections: Map<string, CollectionSetBuilder>;
}

/** A finished read/write set. */
export interface ReadWriteSet {
  /** `TxReadWriteSet`: goes into the block. */
  readonly results: Buffer;
  /** What is written to collections; undefined if nothing is. */
  readonly privateResults: TxPvtReadWriteSet | undefined;
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

  collection(namespace: string, collection: string): CollectionSetBuilder {
    const { collections } = this.#of(namespace);
    let builder = collections.get(collection);
    if (builder === undefined) {
      builder = new CollectionSetBuilder();
      collections.set(collection, builder);
    }
    return builder;
  }

  build(): ReadWriteSet {
    const names = [...this.#namespaces.keys()].sort(compareBytes);
    const nsPvtRwset: TxPvtReadWriteSet['nsPvtRwset'] = [];
    const nsRwset = names.map((namespace) => {
      const { reads, writes, metadataWrites, rangeQueries, collections } = this.#of(namespace);
      const rwset = KVRWSet.encode({
        reads: sortedByKey(reads),
        writes: sortedByKey(writes),
        metadataWrites: sortedByKey(metadataWrites),
        rangeQueriesInfo: [...rangeQueries.values()],
      });
      const built = [...collections.keys()].sort(compareBytes).map((collectionName) => {
        const builder = this.collection(namespace, collectionName);
        return { collectionName, hashedRwset: builder.buildHashed(), rwset: builder.buildPrivate() };
      });
      const collectionPvtRwset = built.flatMap(({ collectionName, rwset: written }) =>
        written === undefined ? [] : [{ collectionName, rwset: written }],
      );
      if (collectionPvtRwset.length > 0) nsPvtRwset.push({ namespace, collectionPvtRwset });
      const collectionHashedRwset = built.map(({ rwset: written, ...hashed }) => ({
        ...hashed,
        pvtRwsetHash: written === undefined ? noBytes : sha256(written),
      }));
      return { namespace, rwset, collectionHashedRwset };
    });
    return {
      results: TxReadWriteSet.encode({ nsRwset }),
      privateResults: nsPvtRwset.length === 0 ? undefined : { dataModel: 0, nsPvtRwset },
    };
  }

  #of(name: string): Namespace {
    let namespace = this.#namespaces.get(name);
    if (namespace === undefined) {
      namespace = {
        reads: new Map(),
        writes: new Map(),
        metadataWrites: new Map(),
        rangeQueries: new Map(),
        collections: new Map(),
      };
      this.#namespaces.set(name, namespace);
    }
    return namespace;
  }
}
