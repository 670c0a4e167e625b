import {
  bool,
  bytes,
  embedded,
  int32,
  message,
  repeated,
  repeatedBytes,
  string,
  uint64,
  type Decoded,
} from './message.js';

export const Version = message('kvrwset.Version', { blockNum: uint64(1), txNum: uint64(2) });
export type Version = Decoded<typeof Version>;
export const KVRead = message('kvrwset.KVRead', { key: string(1), version: embedded(2, Version) });
export type KVRead = Decoded<typeof KVRead>;
export const KVWrite = message('kvrwset.KVWrite', { key: string(1), isDelete: bool(2), value: bytes(3) });
export type KVWrite = Decoded<typeof KVWrite>;
export const KVMetadataEntry = message('kvrwset.KVMetadataEntry', { name: string(1), value: bytes(2) });
export type KVMetadataEntry = Decoded<typeof KVMetadataEntry>;
export const KVMetadataWrite = message('kvrwset.KVMetadataWrite', {
  key: string(1),
  entries: repeated(2, KVMetadataEntry),
});
export const QueryReads = message('kvrwset.QueryReads', { kvReads: repeated(1, KVRead) });
export const QueryReadsMerkleSummary = message('kvrwset.QueryReadsMerkleSummary', {
  maxDegree: uint64(1),
  maxLevel: uint64(2),
  maxLevelHashes: repeatedBytes(3),
});
export type QueryReadsMerkleSummary = Decoded<typeof QueryReadsMerkleSummary>;
export const RangeQueryInfo = message('kvrwset.RangeQueryInfo', {
  startKey: string(1),
  endKey: string(2),
  itrExhausted: bool(3),
  rawReads: embedded(4, QueryReads),
  readsMerkleHashes: embedded(5, QueryReadsMerkleSummary),
});
export type RangeQueryInfo = Decoded<typeof RangeQueryInfo>;
export const KVRWSet = message('kvrwset.KVRWSet', {
  reads: repeated(1, KVRead),
  rangeQueriesInfo: repeated(2, RangeQueryInfo),
  writes: repeated(3, KVWrite),
  metadataWrites: repeated(4, KVMetadataWrite),
});
export type KVRWSet = Decoded<typeof KVRWSet>;

/** A read of a key of a collection: the key by its SHA-256. */
export const KVReadHash = message('kvrwset.KVReadHash', { keyHash: bytes(1), version: embedded(2, Version) });
export type KVReadHash = Decoded<typeof KVReadHash>;
export const KVWriteHash = message('kvrwset.KVWriteHash', {
  keyHash: bytes(1),
  isDelete: bool(2),
  valueHash: bytes(3),
  isPurge: bool(4),
});
export type KVWriteHash = Decoded<typeof KVWriteHash>;
export const KVMetadataWriteHash = message('kvrwset.KVMetadataWriteHash', {
  keyHash: bytes(1),
  entries: repeated(2, KVMetadataEntry),
});
export type KVMetadataWriteHash = Decoded<typeof KVMetadataWriteHash>;
export const HashedRWSet = message('kvrwset.HashedRWSet', {
  hashedReads: repeated(1, KVReadHash),
  hashedWrites: repeated(2, KVWriteHash),
  metadataWrites: repeated(3, KVMetadataWriteHash),
});
export type HashedRWSet = Decoded<typeof HashedRWSet>;
export const CollectionHashedReadWriteSet = message('rwset.CollectionHashedReadWriteSet', {
  collectionName: string(1),
  /** `HashedRWSet`. */
  hashedRwset: bytes(2),
  /** SHA-256 of the collection's private write set, if there is one. */
  pvtRwsetHash: bytes(3),
});
export const NsReadWriteSet = message('rwset.NsReadWriteSet', {
  namespace: string(1),
  /** `KVRWSet`. */
  rwset: bytes(2),
  collectionHashedRwset: repeated(3, CollectionHashedReadWriteSet),
});
export const TxReadWriteSet = message('rwset.TxReadWriteSet', {
  dataModel: int32(1),
  nsRwset: repeated(2, NsReadWriteSet),
});

/** What a transaction writes to one collection: never in a block. */
export const CollectionPvtReadWriteSet = message('rwset.CollectionPvtReadWriteSet', {
  collectionName: string(1),
  /** `KVRWSet`. */
  rwset: bytes(2),
});
export const NsPvtReadWriteSet = message('rwset.NsPvtReadWriteSet', {
  namespace: string(1),
  collectionPvtRwset: repeated(2, CollectionPvtReadWriteSet),
});
export const TxPvtReadWriteSet = message('rwset.TxPvtReadWriteSet', {
  dataModel: int32(1),
  nsPvtRwset: repeated(2, NsPvtReadWriteSet),
});
export type TxPvtReadWriteSet = Decoded<typeof TxPvtReadWriteSet>;

/** One state change as it enters the commit hash. */
export const CommittedWrite = message('txmgr.KVWrite', {
  namespace: string(1),
  collection: string(2),
  key: bytes(3),
  isDelete: bool(4),
  value: bytes(5),
  versionBytes: bytes(6),
});
export const CommittedWrites = message('txmgr.Updates', { kvwrites: repeated(1, CommittedWrite) });
