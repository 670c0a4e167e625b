import { type TxPvtReadWriteSet } from '../wire/rwset.js';
import { findCollection, holdersOf, type CollectionSource } from './channel-collections.js';

/**
 * What of a transaction's private writes gets to an organisation that may keep it, when this organisation's peer endorses:
 * its own, and what the collection lets it hand to others. What gets to nobody is lost, and its hashes alone are committed.
 * @throws in Fabric's words if a collection asks for more peers than there are.
 */
export function disseminated(
  channel: CollectionSource,
  mspId: string,
  { dataModel, nsPvtRwset }: TxPvtReadWriteSet,
): TxPvtReadWriteSet {
  const reaches = (namespace: string, name: string): boolean => {
    const collection = findCollection(channel, namespace, name);
    if (collection === undefined) return false;
    const holders = holdersOf(channel, collection);
    const others = holders.filter((holder) => holder !== mspId);
    if (others.length < collection.requiredPeers)
      throw new Error(
        `could not build private data dissemination plan for chaincode ${namespace} and collection ${name}: required to disseminate to at least ${collection.requiredPeers} peers, but know of only ${others.length} eligible peers`,
      );
    return holders.includes(mspId) || (collection.maxPeers > 0 && others.length > 0);
  };
  return {
    dataModel,
    nsPvtRwset: nsPvtRwset.map(({ namespace, collectionPvtRwset }) => ({
      namespace,
      collectionPvtRwset: collectionPvtRwset.filter(({ collectionName }) =>
        reaches(namespace, collectionName),
      ),
    })),
  };
}
