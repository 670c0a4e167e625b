import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { sha256 } from '../crypto/hash.js';
import { LedgerCorruptError } from '../errors.js';

const heightLength = 8;
const hashLength = 32;
const checksumLength = 8;
const recordLength = heightLength + hashLength + checksumLength;
/** Two records take turns, far enough apart that a torn write damages one. */
const distance = 512;

interface Witnessed {
  readonly height: number;
  readonly hash: Buffer;
}

const nothing: Witnessed = { height: 0, hash: Buffer.alloc(0) };

/**
 * Remembers, beside the store, how many blocks there were and the last one's hash. LevelDB drops a damaged end of its log
 * without a word; the witness is what notices that committed blocks are gone. It is written after each commit without a
 * sync of its own, so it may lag behind after a power cut, and the newest of its records may be torn, which its checksum
 * tells; but it never claims more than was committed.
 */
export class TailWitness {
  readonly #file: number;
  readonly #witnessed: Witnessed;

  constructor(readonly path: string) {
    closeSync(openSync(path, 'a'));
    this.#file = openSync(path, 'r+');
    const content = Buffer.alloc(Math.min(fstatSync(this.#file).size, distance + recordLength));
    readSync(this.#file, content, 0, content.length, 0);
    const [first, second] = [readRecord(content), readRecord(content.subarray(distance))];
    this.#witnessed = first.height >= second.height ? first : second;
  }

  /** @throws {@link LedgerCorruptError} if the store has fewer blocks than were committed, or another last block. */
  check(height: number, lastHash: Buffer): void {
    const witnessed = this.#witnessed;
    if (height < witnessed.height)
      throw new LedgerCorruptError(
        `the store has ${height} blocks, but ${witnessed.height} were committed: its end is lost or damaged`,
      );
    if (height === witnessed.height && height > 0 && !lastHash.equals(witnessed.hash))
      throw new LedgerCorruptError(`block ${height - 1} in the store is not the one that was committed`);
  }

  record(height: number, lastHash: Buffer): void {
    const record = encodeRecord({ height, hash: lastHash });
    writeSync(this.#file, record, 0, record.length, (height % 2) * distance);
  }

  close(): void {
    closeSync(this.#file);
  }
}

function encodeRecord({ height, hash }: Witnessed): Buffer {
  const record = Buffer.alloc(recordLength);
  record.writeBigUInt64BE(BigInt(height));
  hash.copy(record, heightLength);
  checksumOf(record).copy(record, recordLength - checksumLength);
  return record;
}

/** What a record says; one that is missing or torn says nothing. */
function readRecord(content: Buffer): Witnessed {
  if (content.length < recordLength) return nothing;
  const record = content.subarray(0, recordLength);
  if (!checksumOf(record).equals(record.subarray(recordLength - checksumLength))) return nothing;
  return {
    height: Number(record.readBigUInt64BE()),
    hash: record.subarray(heightLength, heightLength + hashLength),
  };
}

const checksumOf = (record: Buffer): Buffer =>
  sha256(record.subarray(0, recordLength - checksumLength)).subarray(0, checksumLength);
