import { keyHashOf } from '../collections/hashed-namespace.js';
import { sha256 } from '../crypto/hash.js';
import { noBytes } from '../wire/message.js';
import {
  HashedRWSet,
  KVRWSet,
  type KVMetadataEntry,
  type KVMetadataWriteHash,
  type KVReadHash,
  type KVWrite,
  type KVWriteHash,
  type Version,
} from '../wire/rwset.js';
import { compareBytes, sortedByKey } from './byte-order.js';

/** What a transaction does to one collection: by hashes, for the block, and in clear, for those who may have it. */
export class CollectionSetBuilder {
  // By the keys themselves, whose order is that of the hashes' lists too.
  readonly #reads = new Map<string, KVReadHash>();
  readonly #hashedWrites = new Map<string, KVWriteHash>();
  readonly #hashedMetadata = new Map<string, KVMetadataWriteHash>();
  readonly #writes = new Map<string, KVWrite>();
  readonly #metadata = new Map<string, { key: string; entries: [] }>();

  addRead(key: string, version: Version | undefined): void {
    this.#reads.set(key, { keyHash: keyHashOf(key), version });
  }

  /** An empty value deletes. */
  addWrite(key: string, value: Buffer): void {
    const isDelete = value.length === 0;
    this.#writes.set(key, { key, isDelete, value });
    const valueHash = isDelete ? noBytes : sha256(value);
    this.#hashedWrites.set(key, { keyHash: keyHashOf(key), isDelete, valueHash, isPurge: false });
  }

  addPurge(key: string): void {
    this.#writes.set(key, { key, isDelete: true, value: noBytes });
    const hashed = { keyHash: keyHashOf(key), isDelete: true, valueHash: noBytes, isPurge: true };
    this.#hashedWrites.set(key, hashed);
  }

  /** The entries are for everybody to see; who has the data learns only that there are some. */
  addMetadataWrite(key: string, entries: readonly KVMetadataEntry[]): void {
    this.#metadata.set(key, { key, entries: [] });
    const sorted = [...entries].sort((a, b) => compareBytes(a.name, b.name));
    this.#hashedMetadata.set(key, { keyHash: keyHashOf(key), entries: sorted });
  }

  /** `HashedRWSet`. */
  buildHashed(): Buffer {
    return HashedRWSet.encode({
      hashedReads: sortedByKey(this.#reads),
      hashedWrites: sortedByKey(this.#hashedWrites),
      metadataWrites: sortedByKey(this.#hashedMetadata),
    });
  }

  /** `KVRWSet`; undefined if nothing is written. */
  buildPrivate(): Buffer | undefined {
    if (this.#writes.size === 0 && this.#metadata.size === 0) return undefined;
    return KVRWSet.encode({ writes: sortedByKey(this.#writes), metadataWrites: sortedByKey(this.#metadata) });
  }
}
