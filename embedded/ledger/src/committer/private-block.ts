import { type Channel } from '../channel.js';
import { findCollection, holdersOf } from '../collections/channel-collections.js';
import { hashedKey, hashedNamespace, keyHashOf } from '../collections/hashed-namespace.js';
import { sha256 } from '../crypto/hash.js';
import { type NamespaceSet } from '../rwset/parsed.js';
import { indexKey, privateStateKey, writeSetKey, type KeptCollection } from '../store/private-keys.js';
import { type StoreOperation } from '../store/private-store.js';
import { encodeVersionedValue, sameVersion } from '../store/versioned-value.js';
import { type PendingUpdates } from '../validation/pending-updates.js';
import { KVRWSet, type Version } from '../wire/rwset.js';
import { forgetExpired, scheduleExpiries } from './private-expiry.js';
import { forgetPurged } from './private-purge.js';

/** A transaction of the block, as far as private data is concerned. */
export interface CommittedTransaction {
  readonly id: string;
  readonly valid: boolean;
  /** Of an invalid transaction too, if it can be read. */
  readonly sets: readonly NamespaceSet[];
}

/** What a transaction of the block wrote to a collection, for those who may have it. */
export interface DeliveredWriteSet {
  readonly namespace: string;
  readonly collection: string;
  readonly transaction: number;
  readonly holders: readonly string[];
  /** Purging takes writes away. */
  set: KVRWSet;
}

/** A new private value; without one it is deleted. */
interface PrivateUpdate {
  readonly value: Buffer | undefined;
  readonly version: Version;
}

/** Blocks for which endorsed data is kept that no block has asked for, as a peer's `transientstoreMaxBlockRetention`. */
const stagedRetention = 1000;

/**
 * What a block makes of private data: takes what was endorsed for its transactions and gives it to every organisation that
 * may have it, then forgets what is purged or has lived long enough.
 */
export class PrivateBlock {
  readonly writeSets: DeliveredWriteSet[] = [];
  readonly operations: StoreOperation[] = [];
  readonly #updates = new Map<string, PrivateUpdate>();

  constructor(
    readonly channel: Channel,
    readonly number: number,
    /** Of state and hashes, by the block's valid transactions. */
    readonly hashUpdates: PendingUpdates,
  ) {}

  /** The operations to write with the block. */
  async commit(transactions: readonly CommittedTransaction[]): Promise<readonly StoreOperation[]> {
    const { privateData } = this.channel.store;
    for (const [index, transaction] of transactions.entries()) {
      if (!transaction.sets.some(({ collections }) => collections.length > 0)) continue;
      this.#deliver(transaction, index);
      this.operations.push(...(await privateData.unstage(transaction.id)));
    }
    await forgetPurged(this, transactions);
    for (const writeSet of this.writeSets) this.#keep(writeSet);
    scheduleExpiries(this);
    await forgetExpired(this);
    if (this.number % stagedRetention === 0 && this.number > stagedRetention)
      this.operations.push(...(await privateData.unstageBelow(this.number - stagedRetention)));
    return this.operations;
  }

  /** What the block has written to a key that an organisation keeps, if anything. */
  update(of: KeptCollection, key: string): PrivateUpdate | undefined {
    return this.#updates.get(privateStateKey(of, key).toString('latin1'));
  }

  #deliver({ id, valid, sets }: CommittedTransaction, transaction: number): void {
    for (const { namespace, collections } of sets)
      for (const { collection, privateHash } of collections) {
        const config = findCollection(this.channel, namespace, collection);
        if (privateHash.length === 0 || config === undefined) continue;
        const staged = this.channel.store.privateData.staged(id, namespace, collection, privateHash);
        // Nobody who may have it was given it: everybody has the hashes alone.
        if (staged === undefined) continue;
        const set = KVRWSet.decode(staged);
        const holders = holdersOf(this.channel, config);
        this.writeSets.push({ namespace, collection, transaction, holders, set });
        if (!valid) continue;
        for (const holder of holders) this.#apply({ holder, namespace, collection }, set, transaction);
      }
  }

  #apply(of: KeptCollection, { writes, metadataWrites }: KVRWSet, transaction: number): void {
    const version = { blockNum: this.number, txNum: transaction };
    for (const { key, isDelete, value } of writes)
      this.#set(of, key, { value: isDelete || value.length === 0 ? undefined : value, version });
    for (const { key } of metadataWrites) this.#raiseVersion(of, key);
  }

  /** New metadata gives the hashed key a new version: the value that goes with it must have the same. */
  #raiseVersion(of: KeptCollection, key: string): void {
    const space = hashedNamespace(of.namespace, of.collection);
    const hashed = this.hashUpdates.get(space, hashedKey(keyHashOf(key)))?.value;
    const latest = this.update(of, key) ?? this.channel.store.privateData.state(of, key);
    if (hashed === undefined || latest?.value === undefined) return;
    if (sameVersion(latest.version, hashed.version) || !sha256(latest.value).equals(hashed.value)) return;
    this.#set(of, key, { value: latest.value, version: hashed.version });
  }

  #set(of: KeptCollection, key: string, update: PrivateUpdate): void {
    const stored = privateStateKey(of, key);
    this.#updates.set(stored.toString('latin1'), update);
    const { value, version } = update;
    this.operations.push(
      value === undefined
        ? { type: 'del', key: stored }
        : { type: 'put', key: stored, value: encodeVersionedValue({ value, version, metadata: [] }) },
    );
  }

  #keep({ holders, namespace, collection, transaction, set }: DeliveredWriteSet): void {
    const value = KVRWSet.encode(set);
    for (const holder of holders) {
      const of = { holder, namespace, collection };
      this.operations.push({ type: 'put', key: writeSetKey(of, this.number, transaction), value });
      for (const { key } of set.writes)
        this.operations.push({
          type: 'put',
          key: indexKey(of, keyHashOf(key), this.number, transaction),
          value: Buffer.from(key),
        });
    }
  }
}
