import { RangeReads } from '../rwset/range-reads.js';
import { type NamespaceSet } from '../rwset/parsed.js';
import { type ChannelStore } from '../store/channel-store.js';
import { type Snapshot } from '../store/snapshot.js';
import { sameVersion } from '../store/versioned-value.js';
import { type QueryReadsMerkleSummary, type RangeQueryInfo } from '../wire/rwset.js';
import { validationCode, type ValidationCode } from '../wire/transaction.js';
import { PendingUpdates } from './pending-updates.js';

/**
 * Checks, in block order, that what each transaction has read is still so, given the committed state and the valid
 * transactions before it in the block; gathers the changes of those that pass.
 */
export class StateValidator {
  readonly updates = new PendingUpdates();
  /** Keys written by valid transactions. */
  readonly writes: { namespace: string; key: string; transaction: number }[] = [];
  readonly #store: ChannelStore;
  readonly #snapshot: Snapshot;
  readonly #block: number;

  constructor(store: ChannelStore, snapshot: Snapshot, block: number) {
    this.#store = store;
    this.#snapshot = snapshot;
    this.#block = block;
  }

  async validate(sets: readonly NamespaceSet[], transaction: number): Promise<ValidationCode> {
    for (const { namespace, set } of sets) {
      for (const { key, version } of set.reads) {
        if (this.updates.has(namespace, key) || !sameVersion(this.#store.version(namespace, key), version))
          return validationCode.MVCC_READ_CONFLICT;
      }
      for (const query of set.rangeQueriesInfo)
        if (!(await this.#rangeHolds(namespace, query))) return validationCode.PHANTOM_READ_CONFLICT;
    }
    for (const set of sets) this.#apply(set, transaction);
    return validationCode.VALID;
  }

  #apply({ namespace, set }: NamespaceSet, transaction: number): void {
    const version = { blockNum: this.#block, txNum: transaction };
    const current = (key: string) => {
      const pending = this.updates.get(namespace, key);
      return pending === undefined ? this.#store.state(namespace, key) : pending.value;
    };
    for (const { key, isDelete, value } of set.writes) {
      this.writes.push({ namespace, key, transaction });
      if (isDelete || value.length === 0) this.updates.set(namespace, key, undefined, version);
      else
        this.updates.set(namespace, key, { value, version, metadata: current(key)?.metadata ?? [] }, version);
    }
    for (const { key, entries } of set.metadataWrites) {
      const found = current(key);
      // Metadata of a key that does not exist is nothing.
      if (found !== undefined)
        this.updates.set(namespace, key, { value: found.value, version, metadata: entries }, version);
    }
  }

  async #rangeHolds(namespace: string, query: RangeQueryInfo): Promise<boolean> {
    const { startKey, endKey, itrExhausted, rawReads, readsMerkleHashes } = query;
    const found = this.updates.range(this.#snapshot, namespace, startKey, endKey, !itrExhausted);
    if (readsMerkleHashes !== undefined) return summaryHolds(found, readsMerkleHashes);
    const reads = rawReads?.kvReads ?? [];
    let position = 0;
    for await (const { key, value } of found) {
      const read = reads[position];
      if (read?.key !== key || !sameVersion(read.version, value.version)) return false;
      position += 1;
    }
    return position === reads.length;
  }
}

async function summaryHolds(
  found: AsyncIterable<{ key: string; value: { version: { blockNum: number; txNum: number } } }>,
  expected: QueryReadsMerkleSummary,
): Promise<boolean> {
  if (expected.maxDegree < 2) return false;
  const reads = new RangeReads(expected.maxDegree);
  for await (const { key, value } of found) reads.add({ key, version: value.version });
  const { summary } = reads.finish();
  return (
    summary?.maxLevel === expected.maxLevel &&
    summary.maxLevelHashes.length === expected.maxLevelHashes.length &&
    summary.maxLevelHashes.every((hash, index) =>
      hash.equals(expected.maxLevelHashes[index] ?? Buffer.alloc(0)),
    )
  );
}
