import { hashedKey, hashedNamespace, keyHashOf } from '../collections/hashed-namespace.js';
import { RangeReads } from '../rwset/range-reads.js';
import { ReadWriteSetBuilder, type ReadWriteSet } from '../rwset/rwset-builder.js';
import { type PrivateState } from '../store/private-state.js';
import { type KeyedValue, type Snapshot, type StateRange } from '../store/snapshot.js';
import { sameVersion, type VersionedValue } from '../store/versioned-value.js';
import { type KVMetadataEntry, type RangeQueryInfo, type Version } from '../wire/rwset.js';
import { type TransactionFootprint, type WrittenKey } from './transaction-footprint.js';

/** Metadata under which Fabric keeps a key's own endorsement policy. */
export const keyPolicyName = 'VALIDATION_PARAMETER';

/** What a simulation finds on the peer that runs it. */
export interface SimulationBase {
  readonly snapshot: Snapshot;
  /** MSP id of the organisation whose peer it is: its private data is what is read. */
  readonly mspId: string;
  /**
   * Makes sure that a namespace has a collection.
   * @throws in Fabric's words if it has not.
   */
  checkCollection(simulator: TxSimulator, namespace: string, collection: string): void;
}

/**
 * One peer's simulation of one transaction on a state that stands still. It records what is read and written; writes are
 * not seen by later reads of the same transaction.
 */
export class TxSimulator {
  readonly #base: SimulationBase;
  readonly #privateState: PrivateState;
  readonly #builder = new ReadWriteSetBuilder();
  readonly #ranges: RecordedRange[] = [];
  readonly #privateRanges: StateRange[] = [];
  readonly #privateReads = new Map<string, Set<string>>();
  readonly #writes = new Map<string, WrittenKey>();
  readonly #checked = new Set<string>();
  #wrote = false;
  #paginated = false;
  #rangedPrivately = false;

  constructor(
    readonly txId: string,
    base: SimulationBase,
  ) {
    this.#base = base;
    this.#privateState = base.snapshot.privateStateOf(base.mspId);
  }

  get snapshot(): Snapshot {
    return this.#base.snapshot;
  }

  getState(namespace: string, key: string): Buffer | undefined {
    const found = this.snapshot.get(namespace, key);
    this.#builder.addRead(namespace, key, found?.version);
    return found?.value;
  }

  getStateMetadata(namespace: string, key: string): readonly KVMetadataEntry[] {
    const found = this.snapshot.get(namespace, key);
    this.#builder.addRead(namespace, key, found?.version);
    return found?.metadata ?? [];
  }

  /** An empty value deletes. */
  setState(namespace: string, key: string, value: Buffer): void {
    this.#checkWrite();
    this.#builder.addWrite(namespace, key, value);
    this.#noteWrite(namespace, '', key);
  }

  setStateMetadata(namespace: string, key: string, entries: readonly KVMetadataEntry[]): void {
    this.#checkWrite();
    this.#builder.addMetadataWrite(namespace, key, entries);
    this.#noteWrite(namespace, '', key);
  }

  /** @throws if the organisation does not have the data that goes with the hash that everybody has. */
  getPrivateData(namespace: string, collection: string, key: string): Buffer | undefined {
    this.#checkCollection(namespace, collection);
    const found = this.#privateState.get(namespace, collection, key);
    const known = this.#hashed(namespace, collection, key)?.version;
    if (!sameVersion(known, found?.version))
      throw new Error(
        `private data matching public hash version is not available. Public hash version = ${heightOf(known)}, Private data version = ${heightOf(found?.version)}`,
      );
    this.#readPrivately(namespace, collection, key, found?.version);
    return found?.value;
  }

  /** As {@link getPrivateData} for each, but what the organisation does not have is as if it did not exist. */
  getPrivateDataMultiple(
    namespace: string,
    collection: string,
    keys: readonly string[],
  ): (Buffer | undefined)[] {
    this.#checkCollection(namespace, collection);
    return keys.map((key) => {
      const found = this.#privateState.get(namespace, collection, key);
      this.#readPrivately(namespace, collection, key, found?.version);
      return found?.value;
    });
  }

  /** SHA-256 of the value, for whoever asks. */
  getPrivateDataHash(namespace: string, collection: string, key: string): Buffer | undefined {
    this.#checkCollection(namespace, collection);
    const found = this.#hashed(namespace, collection, key);
    this.#builder.collection(namespace, collection).addRead(key, found?.version);
    return found?.value;
  }

  getPrivateDataMetadata(namespace: string, collection: string, key: string): readonly KVMetadataEntry[] {
    this.#checkCollection(namespace, collection);
    const found = this.#hashed(namespace, collection, key);
    this.#builder.collection(namespace, collection).addRead(key, found?.version);
    return found?.metadata ?? [];
  }

  /** An empty value deletes. */
  setPrivateData(namespace: string, collection: string, key: string, value: Buffer): void {
    this.#checkCollection(namespace, collection);
    this.#checkWrite();
    this.#builder.collection(namespace, collection).addWrite(key, value);
    this.#noteWrite(namespace, collection, key);
  }

  /** Deletes a key, and every value that it ever had. */
  purgePrivateData(namespace: string, collection: string, key: string): void {
    this.#checkCollection(namespace, collection);
    this.#checkWrite();
    this.#builder.collection(namespace, collection).addPurge(key);
    this.#noteWrite(namespace, collection, key);
  }

  setPrivateDataMetadata(
    namespace: string,
    collection: string,
    key: string,
    entries: readonly KVMetadataEntry[],
  ): void {
    this.#checkCollection(namespace, collection);
    this.#checkWrite();
    this.#builder.collection(namespace, collection).addMetadataWrite(key, entries);
    this.#noteWrite(namespace, collection, key);
  }

  /** What the organisation has of a collection; only in transactions that do not write, since it is not recorded. */
  privateRange(namespace: string, collection: string, startKey: string, endKey: string): StateRange {
    if (this.#wrote)
      throw new Error(
        `txid [${this.txId}]: unsuppored transaction. Queries on pvt data is supported only in a read-only transaction`,
      );
    this.#rangedPrivately = true;
    this.#checkCollection(namespace, collection);
    const range = this.#privateState.range(namespace, collection, startKey, endKey);
    this.#privateRanges.push(range);
    return range;
  }

  range(namespace: string, startKey: string, endKey: string): RecordedRange {
    return this.#record(namespace, startKey, endKey, 0);
  }

  /** A page of at most `pageSize` results; only in transactions that do not write. */
  page(namespace: string, startKey: string, endKey: string, pageSize: number): RecordedRange {
    if (this.#wrote)
      throw new Error(
        `txid [${this.txId}]: unsuppored transaction. Paginated queries are supported only in a read-only transaction`,
      );
    this.#paginated = true;
    return this.#record(namespace, startKey, endKey, pageSize);
  }

  /** Ends the simulation: the read/write set, and what it says of who must endorse. */
  async finish(): Promise<ReadWriteSet & { footprint: TransactionFootprint }> {
    for (const range of this.#ranges) this.#builder.addRangeQuery(range.namespace, range.info());
    await this.close();
    const { namespaces } = this.#builder;
    const footprint = { namespaces, privateReads: this.#privateReads, writes: [...this.#writes.values()] };
    return { ...this.#builder.build(), footprint };
  }

  async close(): Promise<void> {
    for (const range of [...this.#ranges, ...this.#privateRanges]) await range.close();
  }

  #record(namespace: string, startKey: string, endKey: string, limit: number): RecordedRange {
    const range = new RecordedRange(
      namespace,
      startKey,
      endKey,
      limit,
      this.snapshot.range(namespace, startKey, endKey),
    );
    this.#ranges.push(range);
    return range;
  }

  #hashed(namespace: string, collection: string, key: string): VersionedValue | undefined {
    return this.snapshot.get(hashedNamespace(namespace, collection), hashedKey(keyHashOf(key)));
  }

  #readPrivately(namespace: string, collection: string, key: string, version: Version | undefined): void {
    this.#builder.collection(namespace, collection).addRead(key, version);
    const read = this.#privateReads.get(namespace) ?? new Set();
    this.#privateReads.set(namespace, read.add(collection));
  }

  #noteWrite(namespace: string, collection: string, key: string): void {
    const name = JSON.stringify([namespace, collection, key]);
    if (this.#writes.has(name)) return;
    const found =
      collection === '' ? this.snapshot.get(namespace, key) : this.#hashed(namespace, collection, key);
    this.#writes.set(name, { namespace, collection, metadata: found?.metadata ?? [] });
  }

  #checkCollection(namespace: string, collection: string): void {
    const name = hashedNamespace(namespace, collection);
    if (this.#checked.has(name)) return;
    this.#base.checkCollection(this, namespace, collection);
    this.#checked.add(name);
  }

  #checkWrite(): void {
    if (this.#rangedPrivately)
      throw new Error(
        `txid [${this.txId}]: unsuppored transaction. Transaction has already performed queries on pvt data. Writes are not allowed`,
      );
    if (this.#paginated)
      throw new Error(
        `txid [${this.txId}]: unsuppored transaction. Transaction has already performed a paginated query. Writes are not allowed`,
      );
    this.#wrote = true;
  }
}

/** A version as Fabric writes it. */
const heightOf = (version: Version | undefined): string =>
  version === undefined ? '<nil>' : `{BlockNum: ${version.blockNum}, TxNum: ${version.txNum}}`;

/** A range query in progress, which remembers what it has given out. */
export class RecordedRange {
  readonly #reads = new RangeReads();
  readonly #info: RangeQueryInfo;
  #returned = 0;

  constructor(
    readonly namespace: string,
    startKey: string,
    readonly endKey: string,
    /** Results after which it ends; 0 for all. */
    readonly limit: number,
    private readonly range: StateRange,
  ) {
    this.#info = {
      startKey,
      endKey: '',
      itrExhausted: false,
      rawReads: undefined,
      readsMerkleHashes: undefined,
    };
  }

  async next(): Promise<KeyedValue | undefined> {
    const full = this.limit > 0 && this.#returned >= this.limit;
    const found = full ? undefined : await this.range.next();
    if (found === undefined) {
      this.#info.itrExhausted = true;
      this.#info.endKey = this.endKey;
      return undefined;
    }
    this.#returned += 1;
    this.#reads.add({ key: found.key, version: found.version });
    this.#info.endKey = found.key;
    return found;
  }

  /** The key to go on from, or nothing if there is none; ends the query. */
  async bookmark(): Promise<string> {
    const following = await this.range.next();
    await this.close();
    return following?.key ?? '';
  }

  info(): RangeQueryInfo {
    const { raw, summary } = this.#reads.finish();
    return {
      ...this.#info,
      rawReads: raw === undefined ? undefined : { kvReads: raw },
      readsMerkleHashes: summary,
    };
  }

  close(): Promise<void> {
    return this.range.close();
  }
}
