import { peer } from '@hyperledger/fabric-protos';
import { type CollectionDescription } from '../description.js';
import { applicationPolicyOf, parseSignaturePolicy } from './signature-policy.js';

/** The collections of a suite in the form in which they stand in a chaincode's definition. */
export function collectionsOf(descriptions: readonly CollectionDescription[]): peer.CollectionConfigPackage {
  const collections = new peer.CollectionConfigPackage();
  collections.setConfigList(descriptions.map(collectionOf));
  return collections;
}

function collectionOf(description: CollectionDescription): peer.CollectionConfig {
  const members = new peer.CollectionPolicyConfig();
  members.setSignaturePolicy(parseSignaturePolicy(description.policy));
  const collection = new peer.StaticCollectionConfig();
  collection.setName(description.name);
  collection.setMemberOrgsPolicy(members);
  collection.setRequiredPeerCount(description.requiredPeers);
  collection.setMaximumPeerCount(description.maxPeers);
  collection.setBlockToLive(description.blockToLive);
  collection.setMemberOnlyRead(description.memberOnlyRead);
  collection.setMemberOnlyWrite(description.memberOnlyWrite);
  if (description.endorsementPolicy !== undefined)
    collection.setEndorsementPolicy(applicationPolicyOf(description.endorsementPolicy));
  const config = new peer.CollectionConfig();
  config.setStaticCollectionConfig(collection);
  return config;
}
