import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { LedgerCorruptError } from '../errors.js';

const heightLength = 8;

/**
 * Remembers, beside the store, how many blocks there were and the last one's hash. LevelDB drops a damaged end of its log
 * without a word; the witness is what notices that committed blocks are gone. It is written after each commit without a
 * sync of its own, so it may lag behind after a power cut, but it never claims more than was committed.
 */
export class TailWitness {
  readonly #file: number;
  readonly #height: number;
  readonly #hash: Buffer;

  constructor(readonly path: string) {
    this.#file = openSync(path, 'a+');
    const content = readFileSync(path);
    const complete = content.length >= heightLength;
    this.#height = complete ? Number(content.readBigUInt64BE(0)) : 0;
    this.#hash = complete ? content.subarray(heightLength) : Buffer.alloc(0);
    closeSync(this.#file);
    this.#file = openSync(path, 'r+');
  }

  /** @throws {@link LedgerCorruptError} if the store has fewer blocks than were committed, or another last block. */
  check(height: number, lastHash: Buffer): void {
    if (height < this.#height)
      throw new LedgerCorruptError(
        `the store has ${height} blocks, but ${this.#height} were committed: its end is lost or damaged`,
      );
    if (height === this.#height && height > 0 && !lastHash.equals(this.#hash))
      throw new LedgerCorruptError(`block ${height - 1} in the store is not the one that was committed`);
  }

  record(height: number, lastHash: Buffer): void {
    const content = Buffer.alloc(heightLength + lastHash.length);
    content.writeBigUInt64BE(BigInt(height));
    lastHash.copy(content, heightLength);
    writeSync(this.#file, content, 0, content.length, 0);
  }

  close(): void {
    closeSync(this.#file);
  }
}
