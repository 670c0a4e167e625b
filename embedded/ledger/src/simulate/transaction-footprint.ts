import { type KVMetadataEntry } from '../wire/rwset.js';

/** What a simulation touched, as far as it decides who must endorse. */
export interface TransactionFootprint {
  /** Namespaces read or written. */
  readonly namespaces: readonly string[];
  /** Collections whose data was read, by namespace. */
  readonly privateReads: ReadonlyMap<string, ReadonlySet<string>>;
  /** Keys written and what metadata they had before. */
  readonly writes: readonly WrittenKey[];
}

/** A key that a transaction writes, or whose metadata it writes. */
export interface WrittenKey {
  readonly namespace: string;
  /** Empty if it is in no collection. */
  readonly collection: string;
  /** Of the committed state. */
  readonly metadata: readonly KVMetadataEntry[];
}

/** Of a transaction that touched nothing. */
export const emptyFootprint: TransactionFootprint = { namespaces: [], privateReads: new Map(), writes: [] };
