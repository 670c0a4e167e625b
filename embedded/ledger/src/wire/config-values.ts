import {
  bool,
  bytes,
  embedded,
  int32,
  mapOf,
  message,
  repeated,
  repeatedBytes,
  repeatedString,
  string,
  uint64,
  type Decoded,
} from './message.js';

// What stands in the values of a channel's configuration.

const Nothing = message('empty', {});
export const HashingAlgorithm = message('common.HashingAlgorithm', { name: string(1) });
export const BlockDataHashingStructure = message('common.BlockDataHashingStructure', { width: uint64(1) });
export const OrdererAddresses = message('common.OrdererAddresses', { addresses: repeatedString(1) });
export const Capabilities = message('common.Capabilities', { capabilities: mapOf(1, () => Nothing) });

export const ConsensusType = message('orderer.ConsensusType', {
  type: string(1),
  metadata: bytes(2),
  state: int32(3),
});
export const BatchSize = message('orderer.BatchSize', {
  maxMessageCount: uint64(1),
  absoluteMaxBytes: uint64(2),
  preferredMaxBytes: uint64(3),
});
export const BatchTimeout = message('orderer.BatchTimeout', { timeout: string(1) });

const ApiResource = message('protos.APIResource', { policyRef: string(1) });
export const Acls = message('protos.ACLs', { acls: mapOf(1, () => ApiResource) });
const AnchorPeer = message('protos.AnchorPeer', { host: string(1), port: int32(2) });
export const AnchorPeers = message('protos.AnchorPeers', { anchorPeers: repeated(1, AnchorPeer) });

export const MspConfig = message('msp.MSPConfig', { type: int32(1), config: bytes(2) });
const OuIdentifier = message('msp.FabricOUIdentifier', { certificate: bytes(1), unit: string(2) });
export type OuIdentifier = Decoded<typeof OuIdentifier>;
const NodeOus = message('msp.FabricNodeOUs', {
  enable: bool(1),
  client: embedded(2, OuIdentifier),
  peer: embedded(3, OuIdentifier),
  admin: embedded(4, OuIdentifier),
  orderer: embedded(5, OuIdentifier),
});
export const FabricMspConfig = message('msp.FabricMSPConfig', {
  name: string(1),
  rootCerts: repeatedBytes(2),
  intermediateCerts: repeatedBytes(3),
  admins: repeatedBytes(4),
  revocationList: repeatedBytes(5),
  ouIdentifiers: repeated(7, OuIdentifier),
  tlsRootCerts: repeatedBytes(9),
  tlsIntermediateCerts: repeatedBytes(10),
  nodeOus: embedded(11, NodeOus),
});
