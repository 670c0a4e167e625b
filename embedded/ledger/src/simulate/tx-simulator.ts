import { RangeReads } from '../rwset/range-reads.js';
import { ReadWriteSetBuilder } from '../rwset/rwset-builder.js';
import { type KeyedValue, type Snapshot, type StateRange } from '../store/snapshot.js';
import { type KVMetadataEntry, type RangeQueryInfo } from '../wire/rwset.js';

/** Metadata under which Fabric keeps a key's own endorsement policy. */
export const keyPolicyName = 'VALIDATION_PARAMETER';

/**
 * One peer's simulation of one transaction on a state that stands still. It records what is read and written; writes are
 * not seen by later reads of the same transaction.
 */
export class TxSimulator {
  readonly #builder = new ReadWriteSetBuilder();
  readonly #ranges: RecordedRange[] = [];
  #wrote = false;
  #paginated = false;

  constructor(
    readonly txId: string,
    readonly snapshot: Snapshot,
  ) {}

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
  }

  /** @throws for a key-level endorsement policy: nothing here would enforce it. */
  setStateMetadata(namespace: string, key: string, entries: readonly KVMetadataEntry[]): void {
    if (entries.some(({ name }) => name === keyPolicyName))
      throw new Error('KEY_POLICY_UNSUPPORTED: this network has no key-level endorsement policies');
    this.#checkWrite();
    this.#builder.addMetadataWrite(namespace, key, entries);
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

  /** Ends the simulation: the read/write set, and the namespaces in it. */
  async finish(): Promise<{ results: Buffer; namespaces: string[] }> {
    for (const range of this.#ranges) this.#builder.addRangeQuery(range.namespace, range.info());
    await this.close();
    return { results: this.#builder.build(), namespaces: this.#builder.namespaces };
  }

  async close(): Promise<void> {
    for (const range of this.#ranges) await range.close();
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

  #checkWrite(): void {
    if (this.#paginated)
      throw new Error(
        `txid [${this.txId}]: unsuppored transaction. Transaction has already performed a paginated query. Writes are not allowed`,
      );
    this.#wrote = true;
  }
}

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
