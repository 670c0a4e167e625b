import {
  bool,
  bytes,
  embedded,
  int32,
  message,
  repeated,
  repeatedBytes,
  repeatedString,
  string,
  type Decoded,
} from './message.js';
import { Timestamp } from './common.js';
import { ChaincodeEvent } from './transaction.js';

/** `protos.ChaincodeMessage.Type`. */
export const messageType = {
  register: 1,
  registered: 2,
  init: 3,
  ready: 4,
  transaction: 5,
  completed: 6,
  error: 7,
  getState: 8,
  putState: 9,
  delState: 10,
  invokeChaincode: 11,
  response: 13,
  getStateByRange: 14,
  getQueryResult: 15,
  queryStateNext: 16,
  queryStateClose: 17,
  keepalive: 18,
  getHistoryForKey: 19,
  getStateMetadata: 20,
  putStateMetadata: 21,
  getPrivateDataHash: 22,
  purgePrivateData: 23,
  writeBatchState: 24,
  getStateMultiple: 25,
} as const;
export type MessageTypeNumber = (typeof messageType)[keyof typeof messageType];

export const ChaincodeMessage = message('protos.ChaincodeMessage', {
  type: int32(1),
  timestamp: embedded(2, Timestamp),
  payload: bytes(3),
  txid: string(4),
  /** A `SignedProposal`, handed on as it came. */
  proposal: bytes(5),
  chaincodeEvent: embedded(6, ChaincodeEvent),
  channelId: string(7),
});
export type ChaincodeMessage = Decoded<typeof ChaincodeMessage>;

/** What the peer offers with READY; a shim that doesn't know it ignores it. */
export const ChaincodeAdditionalParams = message('protos.ChaincodeAdditionalParams', {
  useWriteBatch: bool(1),
  maxSizeWriteBatch: int32(2),
  useGetMultipleKeys: bool(3),
  maxSizeGetMultipleKeys: int32(4),
});

/** `GetState`, `DelState`, `GetStateMetadata`: all are a key and a collection. */
export const KeyRequest = message('key request', { key: string(1), collection: string(2) });
export const StateMetadata = message('protos.StateMetadata', { metakey: string(1), value: bytes(2) });
export const StateMetadataResult = message('protos.StateMetadataResult', {
  entries: repeated(1, StateMetadata),
});
export const PutState = message('protos.PutState', {
  key: string(1),
  value: bytes(2),
  collection: string(3),
});
export const PutStateMetadata = message('protos.PutStateMetadata', {
  key: string(1),
  collection: string(3),
  metadata: embedded(4, StateMetadata),
});
export const GetStateMultiple = message('protos.GetStateMultiple', {
  keys: repeatedString(1),
  collection: string(2),
});
export const GetStateMultipleResult = message('protos.GetStateMultipleResult', { values: repeatedBytes(1) });
export const GetStateByRange = message('protos.GetStateByRange', {
  startKey: string(1),
  endKey: string(2),
  collection: string(3),
  metadata: bytes(4),
});
export const GetHistoryForKey = message('protos.GetHistoryForKey', { key: string(1) });
export const QueryMetadata = message('protos.QueryMetadata', { pageSize: int32(1), bookmark: string(2) });
/** `QueryStateNext`, `QueryStateClose`. */
export const QueryReference = message('query reference', { id: string(1) });
const QueryResultBytes = message('protos.QueryResultBytes', { resultBytes: bytes(1) });
export const QueryResponse = message('protos.QueryResponse', {
  results: repeated(1, QueryResultBytes),
  hasMore: bool(2),
  id: string(3),
  metadata: bytes(4),
});
export const QueryResponseMetadata = message('protos.QueryResponseMetadata', {
  fetchedRecordsCount: int32(1),
  bookmark: string(2),
});
export const KeyValue = message('queryresult.KV', { namespace: string(1), key: string(2), value: bytes(3) });
export const KeyModification = message('queryresult.KeyModification', {
  txId: string(1),
  value: bytes(2),
  timestamp: embedded(3, Timestamp),
  isDelete: bool(4),
});

/** `protos.WriteRecord.Type`. */
export const writeRecordType = {
  putState: 9,
  delState: 10,
  putStateMetadata: 21,
  purgePrivateData: 23,
} as const;
export const WriteBatchState = message('protos.WriteBatchState', {
  rec: repeated(
    1,
    message('protos.WriteRecord', {
      key: string(1),
      value: bytes(2),
      collection: string(3),
      metadata: embedded(4, StateMetadata),
      type: int32(5),
    }),
  ),
});
