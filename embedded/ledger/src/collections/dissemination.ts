import { type TxPvtReadWriteSet } from '../wire/rwset.js';
import { findCollection, holdersOf, type CollectionSource } from './channel-collections.js';

/**
 * What of a transaction's private writes gets to an organisation that may keep it, when this organisation's peer endorses:
 * its own, and what the collection lets it hand to others. What gets to nobody is lost, and its hashes alone are committed.
 * @param peersOf - how many peers an organisation has
 * @throws in Fabric's words if a collection asks for more peers than there are.
 */
export function disseminated(
  channel: CollectionSource,
  mspId: string,
  { dataModel, nsPvtRwset }: TxPvtReadWriteSet,
  peersOf: (mspId: string) => number,
): TxPvtReadWriteSet {
  const reaches = (namespace: string, name: string): boolean => {
    const collection = findCollection(channel, namespace, name);
    if (collection === undefined) return false;
    const holders = holdersOf(channel, collection);
    // All of their peers but the one that endorses.
    const others = holders.reduce((sum, holder) => sum + peersOf(holder) - (holder === mspId ? 1 : 0), 0);
    if (others < collection.requiredPeers)
      throw new Error(
        `could not build private data dissemination plan for chaincode ${namespace} and collection ${name}: required to disseminate to at least ${collection.requiredPeers} peers, but know of only ${others} eligible peers`,
      );
    return holders.includes(mspId) || (collection.maxPeers > 0 && others > 0);
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
