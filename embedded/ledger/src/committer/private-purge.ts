import { hashedKey, keyHashOf } from '../collections/hashed-namespace.js';
import { privateStateKey, writeSetKey, type KeptCollection } from '../store/private-keys.js';
import { KVRWSet } from '../wire/rwset.js';
import { type CommittedTransaction, type PrivateBlock } from './private-block.js';

interface Purge {
  readonly namespace: string;
  readonly collection: string;
  readonly keyHash: Buffer;
  /** The last one of the block that purges it. */
  readonly transaction: number;
}

/** Takes purged keys out of everything that was ever kept of them, up to and with the transactions that purge them. */
export async function forgetPurged(
  block: PrivateBlock,
  transactions: readonly CommittedTransaction[],
): Promise<void> {
  const rewritten = new Map<string, KVRWSet>();
  for (const purge of purgesOf(transactions)) {
    forgetInBlock(block, purge);
    for (const holder of block.channel.organizations)
      await forgetKept(block, { ...purge, holder }, purge, rewritten);
  }
  for (const [key, set] of rewritten)
    block.operations.push({ type: 'put', key: Buffer.from(key, 'latin1'), value: KVRWSet.encode(set) });
}

function purgesOf(transactions: readonly CommittedTransaction[]): Purge[] {
  const found = new Map<string, Purge>();
  for (const [transaction, { valid, sets }] of transactions.entries()) {
    if (!valid) continue;
    for (const { namespace, collections } of sets)
      for (const { collection, set } of collections)
        for (const { keyHash, isPurge } of set.hashedWrites)
          if (isPurge)
            found.set(JSON.stringify([namespace, collection, hashedKey(keyHash)]), {
              namespace,
              collection,
              keyHash,
              transaction,
            });
  }
  return [...found.values()];
}

const without = (set: KVRWSet, keyHash: Buffer): KVRWSet => ({
  ...set,
  writes: set.writes.filter(({ key }) => !keyHashOf(key).equals(keyHash)),
});

function forgetInBlock(block: PrivateBlock, { namespace, collection, keyHash, transaction }: Purge): void {
  for (const writeSet of block.writeSets)
    if (
      writeSet.namespace === namespace &&
      writeSet.collection === collection &&
      writeSet.transaction <= transaction
    )
      writeSet.set = without(writeSet.set, keyHash);
}

async function forgetKept(
  block: PrivateBlock,
  of: KeptCollection,
  { keyHash, transaction }: Purge,
  rewritten: Map<string, KVRWSet>,
): Promise<void> {
  const { privateData } = block.channel.store;
  for (const written of await privateData.writersOf(of, keyHash, block.number, transaction)) {
    const stored = writeSetKey(of, written.block, written.transaction);
    const name = stored.toString('latin1');
    const kept = privateData.writeSet(of, written.block, written.transaction);
    const set = rewritten.get(name) ?? (kept && KVRWSet.decode(kept));
    if (set !== undefined) rewritten.set(name, without(set, keyHash));
    block.operations.push({ type: 'del', key: written.entry });
    // Of one that did not get the write that purges, too.
    if (block.update(of, written.key) === undefined)
      block.operations.push({ type: 'del', key: privateStateKey(of, written.key) });
  }
}
