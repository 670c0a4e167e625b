import { findCollection } from '../collections/channel-collections.js';
import { hashedKey, hashedNamespace, splitNamespace } from '../collections/hashed-namespace.js';
import { stateKey } from '../store/keys.js';
import { privateStateKey, writeSetKey, type KeptCollection } from '../store/private-keys.js';
import { scheduleExpiry, type Expiring } from '../store/private-store.js';
import { type PrivateBlock } from './private-block.js';

/** Notes when what the block wrote to collections with a limited life is to be forgotten. */
export function scheduleExpiries(block: PrivateBlock): void {
  const { channel, number, hashUpdates, writeSets } = block;
  const expiring = new Map<string, Expiring & { keyHashes: Buffer[] }>();
  const of = (namespace: string, collection: string) => {
    const name = hashedNamespace(namespace, collection);
    const sets = writeSets.filter((set) => set.namespace === namespace && set.collection === collection);
    const entry = expiring.get(name) ?? {
      namespace,
      collection,
      block: number,
      keyHashes: [],
      transactions: sets.map(({ transaction }) => transaction),
      holders: sets[0]?.holders ?? [],
    };
    expiring.set(name, entry);
    return entry;
  };
  for (const { namespace: space, key, value } of hashUpdates) {
    const { namespace, collection } = splitNamespace(space);
    if (collection !== undefined && value !== undefined)
      of(namespace, collection).keyHashes.push(Buffer.from(key, 'hex'));
  }
  for (const { namespace, collection } of writeSets) of(namespace, collection);
  for (const entry of expiring.values()) {
    const life = findCollection(channel, entry.namespace, entry.collection)?.blockToLive ?? 0;
    const at = number + life + 1;
    // A life of 0 blocks is one without end.
    if (life > 0 && Number.isSafeInteger(at)) block.operations.push(scheduleExpiry(at, entry));
  }
}

/** Forgets what has lived for as many blocks as its collection keeps it, unless it was written again since. */
export async function forgetExpired(block: PrivateBlock): Promise<void> {
  const { store } = block.channel;
  for (const { entry, expiring } of await store.privateData.expiringAt(block.number)) {
    const { namespace, collection, holders } = expiring;
    const space = hashedNamespace(namespace, collection);
    for (const keyHash of expiring.keyHashes) {
      const key = hashedKey(keyHash);
      if (!block.hashUpdates.has(space, key) && store.version(space, key)?.blockNum === expiring.block)
        block.operations.push({ type: 'del', key: stateKey(space, key) });
    }
    for (const holder of holders) await forgetKept(block, { holder, namespace, collection }, expiring);
    block.operations.push({ type: 'del', key: entry });
  }
}

async function forgetKept(block: PrivateBlock, of: KeptCollection, expiring: Expiring): Promise<void> {
  const { privateData } = block.channel.store;
  for (const keyHash of expiring.keyHashes) {
    const written = await privateData.writersOf(of, keyHash, expiring.block, lastTransaction);
    for (const { entry, key } of written.filter(({ block: number }) => number === expiring.block)) {
      block.operations.push({ type: 'del', key: entry });
      const version = privateData.state(of, key)?.version;
      if (block.update(of, key) === undefined && version?.blockNum === expiring.block)
        block.operations.push({ type: 'del', key: privateStateKey(of, key) });
    }
  }
  for (const transaction of expiring.transactions)
    block.operations.push({ type: 'del', key: writeSetKey(of, expiring.block, transaction) });
}

const lastTransaction = 0xffff_ffff;
