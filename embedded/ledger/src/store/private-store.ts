import { type BatchOperation } from 'classic-level';
import { sha256 } from '../crypto/hash.js';
import { bytes, message, repeated, repeatedBytes, repeatedString, string, uint64 } from '../wire/message.js';
import { type TxPvtReadWriteSet } from '../wire/rwset.js';
import { positionLength } from './keys.js';
import {
  allStaged,
  expiryKey,
  expiryRange,
  indexRange,
  privateStateKey,
  readWriteSetKey,
  stagedKey,
  stagedRange,
  writeSetKey,
  writeSetRange,
  type KeptCollection,
} from './private-keys.js';
import { type Level } from './snapshot.js';
import { decodeVersionedValue, type VersionedValue } from './versioned-value.js';

export type StoreOperation = BatchOperation<Level, Buffer, Buffer>;

/** What a transaction wrote to one collection: a `KVRWSet` that is in no block. */
export interface PrivateWriteSet {
  readonly namespace: string;
  readonly collection: string;
  readonly rwset: Buffer;
}

/** Writes of a block to one collection that will be forgotten with a later block. */
const Expiry = message('private expiry', {
  namespace: string(1),
  collection: string(2),
  block: uint64(3),
  keyHashes: repeatedBytes(4),
  transactions: repeated(5, message('transaction', { index: uint64(1) })),
  holders: repeatedString(6),
});

/** A block that is to be forgotten in a collection. */
export interface Expiring {
  readonly namespace: string;
  readonly collection: string;
  /** That wrote what expires. */
  readonly block: number;
  /** Keys written. */
  readonly keyHashes: readonly Buffer[];
  /** Transactions that wrote them. */
  readonly transactions: readonly number[];
  /** Organisations that have the data. */
  readonly holders: readonly string[];
}

const Staged = message('staged write set', { endorsedAt: uint64(1), rwset: bytes(2) });

/**
 * Private data of a channel: what has been endorsed and waits for its block, and what each organisation has kept since.
 * Changes that come with a block are made as operations of the block's own batch.
 */
export class PrivateStore {
  readonly #level: Level;

  constructor(level: Level) {
    this.#level = level;
  }

  /** Keeps what a transaction would write, on disk when it resolves, until the transaction is in a block. */
  async stage(id: string, sets: TxPvtReadWriteSet, endorsedAt: number): Promise<void> {
    const batch = sets.nsPvtRwset.flatMap(({ namespace, collectionPvtRwset }) =>
      collectionPvtRwset.map(({ collectionName, rwset }) => ({
        type: 'put' as const,
        key: stagedKey(id, namespace, collectionName, sha256(rwset)),
        value: Staged.encode({ endorsedAt, rwset }),
      })),
    );
    await this.#level.batch(batch, { sync: true });
  }

  /** Keeps in the place of a write set with this hash what is left of it, for a block that is committed anew. */
  async restage(id: string, { namespace, collection, rwset }: PrivateWriteSet, hash: Buffer): Promise<void> {
    await this.#level.put(
      stagedKey(id, namespace, collection, hash),
      Staged.encode({ endorsedAt: Number.MAX_SAFE_INTEGER, rwset }),
    );
  }

  /** The staged write set with this hash; undefined if no peer that may keep it was ever given it. */
  staged(id: string, namespace: string, collection: string, hash: Buffer): Buffer | undefined {
    const stored = this.#level.getSync(stagedKey(id, namespace, collection, hash));
    return stored && Staged.decode(stored).rwset;
  }

  /** Forgets what is staged for a transaction. */
  async unstage(id: string): Promise<StoreOperation[]> {
    const keys = await this.#level.keys(stagedRange(id)).all();
    return keys.map((key) => ({ type: 'del', key }));
  }

  /** Forgets what was endorsed before this height, and whose transactions never came. */
  async unstageBelow(height: number): Promise<StoreOperation[]> {
    const operations: StoreOperation[] = [];
    for await (const [key, value] of this.#level.iterator(allStaged))
      if (Staged.decode(value).endorsedAt < height) operations.push({ type: 'del', key });
    return operations;
  }

  state(of: KeptCollection, key: string): VersionedValue | undefined {
    const stored = this.#level.getSync(privateStateKey(of, key));
    return stored === undefined ? undefined : decodeVersionedValue(stored);
  }

  writeSet(of: KeptCollection, block: number, transaction: number): Buffer | undefined {
    return this.#level.getSync(writeSetKey(of, block, transaction));
  }

  /** What an organisation has of a block's private data, by transaction. */
  async writeSetsOf(holder: string, block: number): Promise<Map<number, PrivateWriteSet[]>> {
    const found = new Map<number, PrivateWriteSet[]>();
    for await (const [key, rwset] of this.#level.iterator(writeSetRange(holder, block))) {
      const { transaction, namespace, collection } = readWriteSetKey(holder, key);
      const sets = found.get(transaction) ?? [];
      found.set(transaction, sets);
      sets.push({ namespace, collection, rwset });
    }
    return found;
  }

  /** Transactions up to and with one that have written a key, with the key itself. */
  async writersOf(
    of: KeptCollection,
    keyHash: Buffer,
    block: number,
    transaction: number,
  ): Promise<{ entry: Buffer; key: string; block: number; transaction: number }[]> {
    const found = await this.#level.iterator(indexRange(of, keyHash, block, transaction)).all();
    return found.map(([entry, key]) => {
      const at = entry.length - positionLength;
      return {
        entry,
        key: key.toString(),
        block: Number(entry.readBigUInt64BE(at)),
        transaction: entry.readUInt32BE(at + 8),
      };
    });
  }

  /** What is to be forgotten with this block, with the keys of the entries that say so. */
  async expiringAt(block: number): Promise<{ entry: Buffer; expiring: Expiring }[]> {
    const found = await this.#level.iterator(expiryRange(block)).all();
    return found.map(([entry, value]) => {
      const { transactions, ...rest } = Expiry.decode(value);
      return { entry, expiring: { ...rest, transactions: transactions.map(({ index }) => index) } };
    });
  }
}

/** The operation that notes what is to be forgotten with a later block. */
export function scheduleExpiry(at: number, expiring: Expiring): StoreOperation {
  const { namespace, collection, block, keyHashes, transactions, holders } = expiring;
  const value = Expiry.encode({
    namespace,
    collection,
    block,
    keyHashes: [...keyHashes],
    transactions: transactions.map((index) => ({ index })),
    holders: [...holders],
  });
  return { type: 'put', key: expiryKey(at, block, namespace, collection), value };
}
