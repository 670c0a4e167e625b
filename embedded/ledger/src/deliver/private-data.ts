import { type Channel } from '../channel.js';
import { findCollection } from '../collections/channel-collections.js';
import { type Identity } from '../msp/identity.js';
import { satisfiesPolicy } from '../policy/signature-policy.js';
import { type PrivateWriteSet } from '../store/private-store.js';
import { type TxPvtReadWriteSet } from '../wire/rwset.js';
import { type PrivateDataEntry } from '../wire/services.js';

/** What an organisation has of a block's private data, as far as the reader is a member of the collections. */
export async function privateDataOf(
  channel: Channel,
  holder: string,
  reader: Identity,
  block: number,
): Promise<PrivateDataEntry[]> {
  const found = await channel.store.privateData.writeSetsOf(holder, block);
  return [...found].flatMap(([transaction, sets]) => {
    const readable = sets.filter(({ namespace, collection }) => {
      const config = findCollection(channel, namespace, collection);
      return config !== undefined && satisfiesPolicy(config.members, [reader]);
    });
    return readable.length === 0 ? [] : [{ key: transaction, value: byNamespace(readable) }];
  });
}

/** The sets come in the order of their namespaces and collections. */
function byNamespace(sets: readonly PrivateWriteSet[]): TxPvtReadWriteSet {
  const nsPvtRwset: TxPvtReadWriteSet['nsPvtRwset'] = [];
  for (const { namespace, collection: collectionName, rwset } of sets) {
    const last = nsPvtRwset.at(-1);
    if (last?.namespace === namespace) last.collectionPvtRwset.push({ collectionName, rwset });
    else nsPvtRwset.push({ namespace, collectionPvtRwset: [{ collectionName, rwset }] });
  }
  return { dataModel: 0, nsPvtRwset };
}
