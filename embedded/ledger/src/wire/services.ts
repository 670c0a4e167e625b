import {
  bytes,
  embedded,
  int32,
  message,
  repeated,
  repeatedString,
  string,
  uint64,
  type Decoded,
} from './message.js';
import { TxPvtReadWriteSet } from './rwset.js';
import { ChaincodeEvent, Response } from './transaction.js';

// Messages that only carry others on hold them as bytes: a field of a message type and one of bytes look the same on the
// wire, and what is not taken apart need not be put together again.

export const EvaluateRequest = message('gateway.EvaluateRequest', {
  transactionId: string(1),
  channelId: string(2),
  proposedTransaction: bytes(3),
  targetOrganizations: repeatedString(4),
});
export const EvaluateResponse = message('gateway.EvaluateResponse', { result: embedded(1, Response) });
export const EndorseRequest = message('gateway.EndorseRequest', {
  transactionId: string(1),
  channelId: string(2),
  proposedTransaction: bytes(3),
  endorsingOrganizations: repeatedString(4),
});
export const EndorseResponse = message('gateway.EndorseResponse', { preparedTransaction: bytes(1) });
export const SubmitRequest = message('gateway.SubmitRequest', {
  transactionId: string(1),
  channelId: string(2),
  preparedTransaction: bytes(3),
});
/** Both `SignedCommitStatusRequest` and `SignedChaincodeEventsRequest`. */
export const SignedRequest = message('signed request', { request: bytes(1), signature: bytes(2) });
export const CommitStatusRequest = message('gateway.CommitStatusRequest', {
  transactionId: string(1),
  channelId: string(2),
  identity: bytes(3),
});
export const CommitStatusResponse = message('gateway.CommitStatusResponse', {
  result: int32(1),
  blockNumber: uint64(2),
});
export const ErrorDetail = message('gateway.ErrorDetail', {
  address: string(1),
  mspId: string(2),
  message: string(3),
});
export type ErrorDetail = Decoded<typeof ErrorDetail>;
export const Any = message('google.protobuf.Any', { typeUrl: string(1), value: bytes(2) });
export const RpcStatus = message('google.rpc.Status', {
  code: int32(1),
  message: string(2),
  details: repeated(3, Any),
});

const Nothing = message('empty', {});
export const SeekSpecified = message('orderer.SeekSpecified', { number: uint64(1) });
export const SeekPosition = message('orderer.SeekPosition', {
  newest: embedded(1, Nothing),
  oldest: embedded(2, Nothing),
  specified: embedded(3, SeekSpecified),
  nextCommit: embedded(4, Nothing),
});
export type SeekPosition = Decoded<typeof SeekPosition>;
export const SeekInfo = message('orderer.SeekInfo', {
  start: embedded(1, SeekPosition),
  stop: embedded(2, SeekPosition),
  behavior: int32(3),
  errorResponse: int32(4),
  contentType: int32(5),
});
export type SeekInfo = Decoded<typeof SeekInfo>;
export const seekBehavior = { blockUntilReady: 0, failIfNotReady: 1 } as const;
export const seekContentType = { block: 0, headerWithSignature: 1 } as const;

export const ChaincodeEventsRequest = message('gateway.ChaincodeEventsRequest', {
  channelId: string(1),
  chaincodeId: string(2),
  identity: bytes(3),
  startPosition: embedded(4, SeekPosition),
  afterTransactionId: string(5),
});
export const ChaincodeEventsResponse = message('gateway.ChaincodeEventsResponse', {
  events: repeated(1, ChaincodeEvent),
  blockNumber: uint64(2),
});

export const BroadcastResponse = message('orderer.BroadcastResponse', { status: int32(1), info: string(2) });
const PrivateDataEntry = message('protos.BlockAndPrivateData.PrivateDataMapEntry', {
  key: uint64(1),
  value: embedded(2, TxPvtReadWriteSet),
});
export type PrivateDataEntry = Decoded<typeof PrivateDataEntry>;
export const BlockAndPrivateData = message('protos.BlockAndPrivateData', {
  block: bytes(1),
  /** By index of the transaction. */
  privateDataMap: repeated(2, PrivateDataEntry),
});
/** `orderer.DeliverResponse` and `protos.DeliverResponse`, which differ in what only the peer has. */
export const DeliverResponse = message('DeliverResponse', {
  status: int32(1),
  block: bytes(2),
  filteredBlock: bytes(3),
  blockAndPrivateData: embedded(4, BlockAndPrivateData),
});
const FilteredChaincodeAction = message('protos.FilteredChaincodeAction', {
  chaincodeEvent: embedded(1, ChaincodeEvent),
});
const FilteredTransactionActions = message('protos.FilteredTransactionActions', {
  chaincodeActions: repeated(1, FilteredChaincodeAction),
});
export const FilteredTransaction = message('protos.FilteredTransaction', {
  txid: string(1),
  type: int32(2),
  txValidationCode: int32(3),
  transactionActions: embedded(4, FilteredTransactionActions),
});
export type FilteredTransaction = Decoded<typeof FilteredTransaction>;
export const FilteredBlock = message('protos.FilteredBlock', {
  channelId: string(1),
  number: uint64(2),
  filteredTransactions: repeated(4, FilteredTransaction),
});
