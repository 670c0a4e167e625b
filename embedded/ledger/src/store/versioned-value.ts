import { KVMetadataWrite, type KVMetadataEntry, type Version } from '../wire/rwset.js';
import { positionLength, writePosition } from './keys.js';

/** What the state holds for a key. */
export interface VersionedValue {
  readonly value: Buffer;
  /** Block and transaction that wrote it. */
  readonly version: Version;
  readonly metadata: readonly KVMetadataEntry[];
}

const headerLength = positionLength + 4;

export function encodeVersionedValue({ value, version, metadata }: VersionedValue): Buffer {
  const encodedMetadata =
    metadata.length === 0 ? Buffer.alloc(0) : KVMetadataWrite.encode({ entries: [...metadata] });
  const result = Buffer.allocUnsafe(headerLength + encodedMetadata.length + value.length);
  writePosition(result, 0, version.blockNum, version.txNum);
  result.writeUInt32BE(encodedMetadata.length, positionLength);
  encodedMetadata.copy(result, headerLength);
  value.copy(result, headerLength + encodedMetadata.length);
  return result;
}

export function decodeVersionedValue(stored: Buffer): VersionedValue {
  const metadataEnd = headerLength + stored.readUInt32BE(positionLength);
  return {
    version: { blockNum: Number(stored.readBigUInt64BE(0)), txNum: stored.readUInt32BE(8) },
    metadata:
      metadataEnd === headerLength
        ? []
        : KVMetadataWrite.decode(stored.subarray(headerLength, metadataEnd)).entries,
    value: stored.subarray(metadataEnd),
  };
}

export function sameVersion(a: Version | undefined, b: Version | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.blockNum === b.blockNum && a.txNum === b.txNum;
}
