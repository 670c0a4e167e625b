import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { FileTamperedError } from './errors.js';
import {
  headerBytes,
  noncePrefixBytes,
  plaintextCapacity,
  segmentBytes,
  streamKeyBytes,
  tagBytes,
} from './segment-layout.js';

/** The key of a file, and what its ciphertext is bound to. */
export interface FileKey {
  /** 32 bytes, as in a Tink keyset. */
  readonly key: Uint8Array;
  /** Tink's associated data. */
  readonly associatedData: Uint8Array;
}

const algorithm = 'aes-256-gcm';

/** What is given to the cipher at once: its results stay below the 128 KiB from which on malloc asks the kernel for each of them. */
const pieceBytes = 120 * 1024;

/**
 * Seals and opens the segments of one file in Tink's `AES256_GCM_HKDF_1MB`. A segment's nonce names its place and whether it
 * is the last, so none can be moved, left out or cut off unnoticed.
 */
export class SegmentCipher {
  /** Stands before the first segment. */
  readonly header: Buffer;
  readonly #key: Buffer;

  private constructor(header: Buffer, { key, associatedData }: FileKey) {
    if (key.byteLength !== streamKeyBytes) throw new RangeError(`a key has ${streamKeyBytes} bytes`);
    this.header = header;
    const salt = header.subarray(1, 1 + streamKeyBytes);
    this.#key = Buffer.from(hkdfSync('sha256', key, salt, associatedData, streamKeyBytes));
  }

  /** For a new file: with a salt and nonces of its own. */
  static create(key: FileKey): SegmentCipher {
    const header = Buffer.concat([
      Buffer.from([headerBytes]),
      randomBytes(streamKeyBytes + noncePrefixBytes),
    ]);
    return new SegmentCipher(header, key);
  }

  /**
   * For the file that begins with these bytes.
   * @throws {@link FileTamperedError}
   */
  static of(begin: Uint8Array, key: FileKey): SegmentCipher {
    if (begin.byteLength < headerBytes || begin[0] !== headerBytes)
      throw new FileTamperedError('it does not begin with a header of the format');
    return new SegmentCipher(Buffer.from(begin.subarray(0, headerBytes)), key);
  }

  /**
   * The ciphertext of a segment, after the header if it is the first.
   * @param room - where it is put: a buffer of {@link segmentBytes} that is at hand saves time.
   */
  seal(
    segment: number,
    plaintext: Uint8Array,
    last: boolean,
    room: Buffer = Buffer.allocUnsafe(segmentBytes),
  ): Buffer {
    if (plaintext.byteLength > plaintextCapacity(segment)) throw new RangeError('the segment is too long');
    const cipher = createCipheriv(algorithm, this.#key, this.#nonce(segment, last));
    let filled = segment === 0 ? this.header.copy(room) : 0;
    for (const piece of piecesOf(plaintext)) filled += cipher.update(piece).copy(room, filled);
    cipher.final();
    filled += cipher.getAuthTag().copy(room, filled);
    return room.subarray(0, filled);
  }

  /**
   * The plaintext of a segment, in parts, all of which are known to be right.
   * @throws {@link FileTamperedError} if it is not the segment of this place, to the bit.
   */
  open(segment: number, ciphertext: Uint8Array, last: boolean): readonly Buffer[] {
    const from = segment === 0 ? headerBytes : 0;
    const end = ciphertext.byteLength - tagBytes;
    if (end < from || ciphertext.byteLength > segmentBytes)
      throw new FileTamperedError(`segment ${segment} has ${ciphertext.byteLength} bytes`);
    const decipher = createDecipheriv(algorithm, this.#key, this.#nonce(segment, last));
    decipher.setAuthTag(ciphertext.subarray(end));
    const plaintext = Array.from(piecesOf(ciphertext.subarray(from, end)), (piece) => decipher.update(piece));
    try {
      decipher.final();
    } catch (cause) {
      throw new FileTamperedError(`segment ${segment} does not decrypt`, { cause });
    }
    return plaintext;
  }

  #nonce(segment: number, last: boolean): Buffer {
    const nonce = Buffer.alloc(12);
    this.header.copy(nonce, 0, 1 + streamKeyBytes);
    nonce.writeUInt32BE(segment, noncePrefixBytes);
    nonce[11] = last ? 1 : 0;
    return nonce;
  }
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < bytes.byteLength; from += pieceBytes)
    yield bytes.subarray(from, from + pieceBytes);
}

/**
 * The key of the file that belongs to an entry. It is derived from the entry's content key, which seals the entry's body
 * itself, and binds the file to the entry.
 * @param name - of the entry, in the graph.
 */
export function fileKeyOf(contentKey: Uint8Array, name: string): FileKey {
  const key = Buffer.from(hkdfSync('sha256', contentKey, '', 'medigraph file', streamKeyBytes));
  return { key, associatedData: Buffer.from(name) };
}
