import { namesOf } from './enumeration.js';
import {
  bytes,
  embedded,
  int32,
  int64,
  message,
  repeated,
  repeatedBytes,
  string,
  uint64,
  type Decoded,
} from './message.js';

/** `common.HeaderType`. */
export const headerType = {
  message: 0,
  config: 1,
  configUpdate: 2,
  endorserTransaction: 3,
  ordererTransaction: 4,
  deliverSeekInfo: 5,
  chaincodePackage: 6,
} as const;
export const headerTypeName = namesOf(headerType);

/** `common.Status`, the codes of Broadcast and Deliver. */
export const status = {
  success: 200,
  badRequest: 400,
  forbidden: 403,
  notFound: 404,
  requestEntityTooLarge: 413,
  internalServerError: 500,
  serviceUnavailable: 503,
} as const;

export const statusName = namesOf(status);

/** `common.BlockMetadataIndex`. */
export const blockMetadataIndex = {
  signatures: 0,
  lastConfig: 1,
  transactionsFilter: 2,
  orderer: 3,
  commitHash: 4,
} as const;
export const blockMetadataCount = 5;

export const Timestamp = message('google.protobuf.Timestamp', { seconds: int64(1), nanos: int32(2) });

export const ChannelHeader = message('common.ChannelHeader', {
  type: int32(1),
  version: int32(2),
  timestamp: embedded(3, Timestamp),
  channelId: string(4),
  txId: string(5),
  epoch: uint64(6),
  extension: bytes(7),
  tlsCertHash: bytes(8),
});
export type ChannelHeader = Decoded<typeof ChannelHeader>;

export const SignatureHeader = message('common.SignatureHeader', { creator: bytes(1), nonce: bytes(2) });
export type SignatureHeader = Decoded<typeof SignatureHeader>;

export const Header = message('common.Header', { channelHeader: bytes(1), signatureHeader: bytes(2) });
export type Header = Decoded<typeof Header>;

export const Payload = message('common.Payload', { header: embedded(1, Header), data: bytes(2) });
export type Payload = Decoded<typeof Payload>;

export const Envelope = message('common.Envelope', { payload: bytes(1), signature: bytes(2) });
export type Envelope = Decoded<typeof Envelope>;

export const BlockHeader = message('common.BlockHeader', {
  number: uint64(1),
  previousHash: bytes(2),
  dataHash: bytes(3),
});
export type BlockHeader = Decoded<typeof BlockHeader>;
export const BlockData = message('common.BlockData', { data: repeatedBytes(1) });
export const BlockMetadata = message('common.BlockMetadata', { metadata: repeatedBytes(1) });
export const Block = message('common.Block', {
  header: embedded(1, BlockHeader),
  data: embedded(2, BlockData),
  metadata: embedded(3, BlockMetadata),
});

export const MetadataSignature = message('common.MetadataSignature', {
  signatureHeader: bytes(1),
  signature: bytes(2),
});
export const Metadata = message('common.Metadata', {
  value: bytes(1),
  signatures: repeated(2, MetadataSignature),
});
export const LastConfig = message('common.LastConfig', { index: uint64(1) });
export const OrdererBlockMetadata = message('common.OrdererBlockMetadata', {
  lastConfig: embedded(1, LastConfig),
  consenterMetadata: bytes(2),
});

export const SerializedIdentity = message('msp.SerializedIdentity', { mspid: string(1), idBytes: bytes(2) });
