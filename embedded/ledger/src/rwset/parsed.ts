import { KVRWSet, TxReadWriteSet } from '../wire/rwset.js';

/** A namespace's part of a transaction's read/write set. */
export interface NamespaceSet {
  readonly namespace: string;
  readonly set: KVRWSet;
  /** True if it touches private data collections, which this network does not have yet. */
  readonly hasCollections: boolean;
}

/** @throws `WireError`. */
export function parseReadWriteSet(results: Buffer): NamespaceSet[] {
  return TxReadWriteSet.decode(results).nsRwset.map(({ namespace, rwset, collectionHashedRwset }) => ({
    namespace,
    set: KVRWSet.decode(rwset),
    hasCollections: collectionHashedRwset.length > 0,
  }));
}
