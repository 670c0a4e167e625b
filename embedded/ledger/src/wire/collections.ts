import { bool, embedded, int32, message, repeated, string, uint64, type Decoded } from './message.js';
import { ApplicationPolicy, SignaturePolicyEnvelope } from './policy.js';

/** A `oneof` with one branch. */
const CollectionPolicyConfig = message('protos.CollectionPolicyConfig', {
  signaturePolicy: embedded(1, SignaturePolicyEnvelope),
});
export const StaticCollectionConfig = message('protos.StaticCollectionConfig', {
  name: string(1),
  memberOrgsPolicy: embedded(2, CollectionPolicyConfig),
  requiredPeerCount: int32(3),
  maximumPeerCount: int32(4),
  blockToLive: uint64(5),
  memberOnlyRead: bool(6),
  memberOnlyWrite: bool(7),
  endorsementPolicy: embedded(8, ApplicationPolicy),
});
export type StaticCollectionConfig = Decoded<typeof StaticCollectionConfig>;
const CollectionConfig = message('protos.CollectionConfig', {
  staticCollectionConfig: embedded(1, StaticCollectionConfig),
});
export const CollectionConfigPackage = message('protos.CollectionConfigPackage', {
  config: repeated(1, CollectionConfig),
});
