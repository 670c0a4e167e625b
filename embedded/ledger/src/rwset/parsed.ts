import { HashedRWSet, KVRWSet, TxReadWriteSet } from '../wire/rwset.js';

/** What a transaction reads and writes in one collection, by hashes of keys and values. */
export interface CollectionHashes {
  readonly collection: string;
  readonly set: HashedRWSet;
  /** SHA-256 of the private write set; empty if nothing is written. */
  readonly privateHash: Buffer;
}

/** A namespace's part of a transaction's read/write set. */
export interface NamespaceSet {
  readonly namespace: string;
  readonly set: KVRWSet;
  readonly collections: readonly CollectionHashes[];
}

/** @throws `WireError`. */
export function parseReadWriteSet(results: Buffer): NamespaceSet[] {
  return TxReadWriteSet.decode(results).nsRwset.map(({ namespace, rwset, collectionHashedRwset }) => ({
    namespace,
    set: KVRWSet.decode(rwset),
    collections: collectionHashedRwset.map(({ collectionName, hashedRwset, pvtRwsetHash }) => ({
      collection: collectionName,
      set: HashedRWSet.decode(hashedRwset),
      privateHash: pvtRwsetHash,
    })),
  }));
}
