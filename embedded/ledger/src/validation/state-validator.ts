import { hashedKey, hashedNamespace } from '../collections/hashed-namespace.js';
import { sha256 } from '../crypto/hash.js';
import { RangeReads } from '../rwset/range-reads.js';
import { type CollectionHashes, type NamespaceSet } from '../rwset/parsed.js';
import { type ChannelStore } from '../store/channel-store.js';
import { type Snapshot } from '../store/snapshot.js';
import { sameVersion, type VersionedValue } from '../store/versioned-value.js';
import { noBytes } from '../wire/message.js';
import {
  type KVMetadataEntry,
  type KVWriteHash,
  type QueryReadsMerkleSummary,
  type RangeQueryInfo,
  type Version,
} from '../wire/rwset.js';
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
    for (const { namespace, set, collections } of sets) {
      if (!set.reads.every(({ key, version }) => this.#readHolds(namespace, key, version)))
        return validationCode.MVCC_READ_CONFLICT;
      for (const query of set.rangeQueriesInfo)
        if (!(await this.#rangeHolds(namespace, query))) return validationCode.PHANTOM_READ_CONFLICT;
      for (const { collection, set: hashed } of collections) {
        const space = hashedNamespace(namespace, collection);
        if (
          !hashed.hashedReads.every((read) => this.#readHolds(space, hashedKey(read.keyHash), read.version))
        )
          return validationCode.MVCC_READ_CONFLICT;
      }
    }
    for (const set of sets) this.#apply(set, { blockNum: this.#block, txNum: transaction });
    return validationCode.VALID;
  }

  #readHolds(namespace: string, key: string, version: Version | undefined): boolean {
    return !this.updates.has(namespace, key) && sameVersion(this.#store.version(namespace, key), version);
  }

  #apply({ namespace, set, collections }: NamespaceSet, version: Version): void {
    for (const { key, isDelete, value } of set.writes) {
      this.writes.push({ namespace, key, transaction: version.txNum });
      this.#write(namespace, key, isDelete ? noBytes : value, version);
    }
    for (const { key, entries } of set.metadataWrites) this.#writeMetadata(namespace, key, entries, version);
    for (const hashes of collections) this.#applyHashes(namespace, hashes, version);
  }

  #applyHashes(namespace: string, { collection, set }: CollectionHashes, version: Version): void {
    const space = hashedNamespace(namespace, collection);
    for (const write of set.hashedWrites)
      this.#write(space, hashedKey(write.keyHash), deletes(write) ? noBytes : write.valueHash, version);
    for (const { keyHash, entries } of set.metadataWrites)
      this.#writeMetadata(space, hashedKey(keyHash), entries, version);
  }

  /** An empty value deletes. */
  #write(namespace: string, key: string, value: Buffer, version: Version): void {
    const written =
      value.length === 0
        ? undefined
        : { value, version, metadata: this.#current(namespace, key)?.metadata ?? [] };
    this.updates.set(namespace, key, written, version);
  }

  /** Metadata of a key that does not exist is nothing. */
  #writeMetadata(
    namespace: string,
    key: string,
    entries: readonly KVMetadataEntry[],
    version: Version,
  ): void {
    const found = this.#current(namespace, key);
    if (found !== undefined)
      this.updates.set(namespace, key, { value: found.value, version, metadata: entries }, version);
  }

  #current(namespace: string, key: string): VersionedValue | undefined {
    const pending = this.updates.get(namespace, key);
    return pending === undefined ? this.#store.state(namespace, key) : pending.value;
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

const hashOfNothing = sha256(noBytes);

/** True for a hashed write that deletes, whichever way it says so. */
const deletes = ({ isDelete, valueHash }: KVWriteHash) =>
  isDelete || valueHash.length === 0 || valueHash.equals(hashOfNothing);

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
