import { createHash } from 'node:crypto';
import { FileTamperedError } from './errors.js';
import { type FileKey, SegmentCipher } from './segment-cipher.js';
import { headerBytes, plaintextBefore, plaintextLength, segmentAt, segmentCount } from './segment-layout.js';
import { type SegmentStore } from './segment-store.js';

/** What the ledger says of a file. */
export interface FileDigest {
  /** Bytes of ciphertext. */
  readonly size: number;
  /** SHA-256 of the ciphertext, in hex. */
  readonly sha256: string;
}

/** Bytes of plaintext, from the first to the last, both inside. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

type ReadableSegments = Pick<SegmentStore, 'segment' | 'segments'>;

/** Reads files out of where they are kept; gives nothing that it has not found right. */
export class FileReader {
  readonly #store: ReadableSegments;

  constructor(store: ReadableSegments) {
    this.#store = store;
  }

  /** Digest and size of what is stored, by reading all of it. */
  async digest(id: string): Promise<FileDigest> {
    const hash = createHash('sha256');
    let size = 0;
    for await (const segment of this.#store.segments(id)) {
      hash.update(segment);
      size += segment.byteLength;
    }
    return { size, sha256: hash.digest('hex') };
  }

  /**
   * The plaintext, in parts of a segment of which all is right. The last segment is given once the digest of the whole is that of the ledger.
   * @throws {@link FileTamperedError} at the first wrong segment.
   */
  async *read(id: string, key: FileKey, { size, sha256 }: FileDigest): AsyncGenerator<Buffer> {
    const last = lastSegment(size);
    const hash = createHash('sha256');
    let cipher: SegmentCipher | undefined;
    let segment = 0;
    for await (const ciphertext of this.#store.segments(id)) {
      cipher ??= SegmentCipher.of(ciphertext, key);
      const plaintext = cipher.open(segment, ciphertext, segment === last);
      hash.update(ciphertext);
      if (segment === last) {
        if (hash.digest('hex') !== sha256)
          throw new FileTamperedError('its digest is not the one on the ledger');
        yield* plaintext;
        return;
      }
      yield* plaintext;
      segment += 1;
    }
    throw new FileTamperedError(`segment ${segment} is missing`);
  }

  /**
   * Part of the plaintext. Only the segments that it lies in are read, so they are checked by themselves: each is what was
   * sealed for this place of this file.
   * @throws {@link FileTamperedError}
   */
  async *readRange(
    id: string,
    key: FileKey,
    { size }: FileDigest,
    { first, last }: ByteRange,
  ): AsyncGenerator<Buffer> {
    const begin = await this.#store.segment(id, 0);
    const cipher = SegmentCipher.of(begin?.subarray(0, headerBytes) ?? Buffer.alloc(0), key);
    const end = lastSegment(size);
    let segment = segmentAt(first);
    for await (const ciphertext of this.#store.segments(id, segment)) {
      let before = plaintextBefore(segment);
      for (const part of cipher.open(segment, ciphertext, segment === end)) {
        const asked = part.subarray(Math.max(0, first - before), last - before + 1);
        if (asked.byteLength > 0) yield asked;
        before += part.byteLength;
        if (before > last) return;
      }
      segment += 1;
    }
    throw new FileTamperedError(`segment ${segment} is missing`);
  }
}

function lastSegment(size: number): number {
  const plaintext = plaintextLength(size);
  if (plaintext === undefined) throw new FileTamperedError(`no file has ${size} bytes of ciphertext`);
  return segmentCount(plaintext) - 1;
}
