import { type Channel } from '../channel.js';
import { findCollection, holdersOf } from '../collections/channel-collections.js';
import { keyHashOf } from '../collections/hashed-namespace.js';
import { readableSets } from '../committer/readable-sets.js';
import { sha256 } from '../crypto/hash.js';
import { type CollectionHashes } from '../rwset/parsed.js';
import { type LedgerBlock } from '../store/block.js';
import { KVRWSet } from '../wire/rwset.js';
import { openEnvelope } from '../validation/transaction-content.js';
import { BrokenChannelError } from './chain.js';

/**
 * Stages for a block that is committed anew what is still kept of its private data: what has expired or was purged since is
 * gone, and would be gone again at the end.
 * @throws {@link BrokenChannelError} if something of it is not what its hashes in the block say.
 */
export async function stagePrivateData(block: LedgerBlock, kept: Channel, onto: Channel): Promise<void> {
  for (const [index, envelope] of block.envelopes.entries())
    for (const { namespace, collections } of readableSets(envelope))
      for (const hashes of collections) {
        const rwset = keptWriteSet(kept, onto, namespace, hashes, block.header.number, index);
        if (rwset === undefined) continue;
        if (!isOf(rwset, hashes))
          throw new BrokenChannelError(
            `the private data of transaction ${index} in ${namespace}, ${hashes.collection} is not that of its hashes`,
            block.header.number,
          );
        const { txId } = openEnvelope(envelope).channelHeader;
        const { collection, privateHash } = hashes;
        await onto.store.privateData.restage(txId, { namespace, collection, rwset }, privateHash);
      }
}

/** Of whoever has it: all that may have it have the same. */
function keptWriteSet(
  kept: Channel,
  onto: Channel,
  namespace: string,
  { collection, privateHash }: CollectionHashes,
  block: number,
  transaction: number,
): Buffer | undefined {
  // The collection as it was agreed on before this block.
  const config = findCollection(onto, namespace, collection);
  if (privateHash.length === 0 || config === undefined) return undefined;
  for (const holder of holdersOf(onto, config)) {
    const of = { holder, namespace, collection };
    const found = kept.store.privateData.writeSet(of, block, transaction);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether every write that is left is one of those whose hashes are in the block. */
function isOf(rwset: Buffer, { set, privateHash }: CollectionHashes): boolean {
  if (sha256(rwset).equals(privateHash)) return true;
  return KVRWSet.decode(rwset).writes.every(({ key, isDelete, value }) =>
    set.hashedWrites.some(
      (hashed) =>
        hashed.keyHash.equals(keyHashOf(key)) &&
        hashed.isDelete === isDelete &&
        (isDelete || hashed.valueHash.equals(sha256(value))),
    ),
  );
}
