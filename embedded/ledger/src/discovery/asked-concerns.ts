import { type peer } from '@hyperledger/fabric-protos';
import { decodeSignaturePolicy } from '../policy/policy-bytes.js';
import { type Concern } from './concerns.js';

/** What a client says that its transaction will touch. @throws if a key's policy cannot be read. */
export function concernsIn(interest: peer.ChaincodeInterest): Concern[] {
  return interest.getChaincodesList().flatMap((call): Concern[] => {
    const namespace = call.getName();
    const keyPolicies = call
      .getKeyPoliciesList()
      .map((policy) => decodeSignaturePolicy(policy.serializeBinary()));
    const collections = call.getCollectionNamesList();
    const own: Concern = {
      namespace,
      needsData: false,
      needsPolicy: collections.length === 0 && !call.getDisregardNamespacePolicy(),
      keyPolicies,
    };
    const ofCollections = collections.map((collection) => ({
      namespace,
      collection,
      needsData: !call.getNoPrivateReads(),
      needsPolicy: true,
      keyPolicies: [],
    }));
    return collections.length > 0 && keyPolicies.length === 0 ? ofCollections : [own, ...ofCollections];
  });
}
