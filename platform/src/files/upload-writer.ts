import { createCipheriv, createDecipheriv, createHash, type Hash, hkdfSync, randomBytes } from 'node:crypto';
import { BoundedCache } from '../cache/bounded-cache.js';
import {
  FileTamperedError,
  FileTooLargeError,
  UploadBusyError,
  UploadIncompleteError,
  UploadOffsetError,
} from './errors.js';
import { type FileDigest } from './file-reader.js';
import { type FileKey, SegmentCipher } from './segment-cipher.js';
import {
  plaintextBefore,
  plaintextCapacity,
  segmentBytes,
  segmentCount,
  tagBytes,
} from './segment-layout.js';
import { type SegmentStore } from './segment-store.js';
import { type Upload, type UploadStore } from './upload-store.js';

/** The digest of the first segments of an upload. */
interface RunningHash {
  readonly hash: Hash;
  segments: number;
  bytes: number;
}

/** Uploads under way at once; of one beyond these the digest is read back. */
const hashesKept = 1_000;

type Tails = Pick<UploadStore<unknown>, 'keepTail'>;
type Sending = Pick<Upload, 'id' | 'size' | 'tail'>;

/**
 * Takes what is sent of a file, in as many requests as it needs, and stores it sealed, a segment at a time. What has
 * been stored says where an upload stands, so it goes on after a crash; a stored segment is never sealed anew, since two
 * plaintexts under one nonce would open each other.
 */
export class UploadWriter {
  readonly #store: SegmentStore;
  readonly #tails: Tails;
  readonly #busy = new Set<string>();
  /** Hashes of what this process has stored from the first segment on, so that it need not be read back. */
  readonly #hashes = new BoundedCache<string, RunningHash>(hashesKept);

  constructor(store: SegmentStore, tails: Tails) {
    this.#store = store;
    this.#tails = tails;
  }

  /** Bytes of plaintext that are stored. */
  async offset({ id, size, tail }: Sending): Promise<number> {
    const segment = await this.#store.count(id);
    if (segment === segmentCount(size)) return size;
    return plaintextBefore(segment) + (tail?.segment === segment ? tail.ciphertext.byteLength - tagBytes : 0);
  }

  /**
   * Stores what comes. If it breaks off, what has come is kept.
   * @returns where the upload then stands.
   * @throws {@link UploadOffsetError}, {@link UploadBusyError}; {@link FileTooLargeError} for more than was said.
   */
  async append(
    upload: Sending,
    key: FileKey,
    from: number,
    source: AsyncIterable<Uint8Array>,
  ): Promise<number> {
    const { id } = upload;
    if (this.#busy.has(id)) throw new UploadBusyError();
    this.#busy.add(id);
    try {
      return await this.#append(upload, key, from, source);
    } finally {
      this.#busy.delete(id);
    }
  }

  /**
   * Makes a whole upload a file.
   * @throws {@link UploadIncompleteError}
   */
  async complete(upload: Upload, length: number): Promise<void> {
    const offset = await this.offset(upload);
    if (offset < upload.size) throw new UploadIncompleteError(offset, upload.size);
    await this.#store.publish({ id: upload.id, length, patient: upload.patient });
  }

  async #append(
    upload: Sending,
    key: FileKey,
    from: number,
    source: AsyncIterable<Uint8Array>,
  ): Promise<number> {
    const { id, size } = upload;
    let offset = await this.offset(upload);
    if (offset !== from) throw new UploadOffsetError(from, offset);
    if (offset === size) return offset;
    let segment = await this.#store.count(id);
    const cipher = await this.#cipherOf(id, segment, key);
    const plaintext = Buffer.allocUnsafe(plaintextCapacity(1));
    // The ciphertext of one is stored while the next is sealed.
    const rooms = [Buffer.allocUnsafe(segmentBytes), Buffer.allocUnsafe(segmentBytes)];
    let filled = openTail(upload, segment, key).copy(plaintext);
    let storing: Promise<void> = Promise.resolve();
    const seal = async (last: boolean): Promise<void> => {
      const sealed = cipher.seal(segment, plaintext.subarray(0, filled), last, rooms[segment % 2]);
      const place = segment;
      this.#hash(id, place, sealed);
      segment += 1;
      filled = 0;
      await storing;
      storing = this.#store.insert(id, place, sealed);
      // What is stored there is then another's, or not known.
      storing.catch(() => this.forget(id));
    };
    try {
      for await (const chunk of source) {
        if (offset + chunk.byteLength > size)
          throw new FileTooLargeError(`More is sent than the ${size} bytes that the upload was begun for.`);
        for (let rest = chunk; rest.byteLength > 0;) {
          if (filled === plaintextCapacity(segment)) await seal(false);
          const taken = rest.subarray(0, plaintextCapacity(segment) - filled);
          plaintext.set(taken, filled);
          filled += taken.byteLength;
          offset += taken.byteLength;
          rest = rest.subarray(taken.byteLength);
        }
      }
      if (offset === size) await seal(true);
    } finally {
      await storing;
      const whole = segment === segmentCount(size);
      await this.#tails.keepTail(
        id,
        whole ? undefined : sealTail(segment, plaintext.subarray(0, filled), key),
      );
    }
    return offset;
  }

  /** What has been stored, if this process has stored all of it. */
  digest({ id, size }: Sending): FileDigest | undefined {
    const running = this.#hashes.get(id);
    if (running?.segments !== segmentCount(size)) return undefined;
    return { size: running.bytes, sha256: running.hash.copy().digest('hex') };
  }

  /** Forgets what is known of an upload that has ended. */
  forget(id: string): void {
    this.#hashes.delete(id);
  }

  #hash(id: string, segment: number, sealed: Uint8Array): void {
    if (segment === 0) this.#hashes.set(id, { hash: createHash('sha256'), segments: 0, bytes: 0 });
    const running = this.#hashes.get(id);
    if (running?.segments !== segment) return;
    running.hash.update(sealed);
    running.segments += 1;
    running.bytes += sealed.byteLength;
  }

  async #cipherOf(id: string, segment: number, key: FileKey): Promise<SegmentCipher> {
    if (segment === 0) return SegmentCipher.create(key);
    const first = await this.#store.segment(id, 0);
    if (first === undefined) throw new FileTamperedError('its first segment is missing');
    return SegmentCipher.of(first, key);
  }
}

/** A key for tails alone: a tail comes to be part of a segment, which is sealed under another. */
function tailKey({ key, associatedData }: FileKey): Uint8Array {
  return Buffer.from(hkdfSync('sha256', key, associatedData, 'medigraph upload tail', 32));
}

function sealTail(segment: number, plaintext: Uint8Array, key: FileKey): Upload['tail'] {
  if (plaintext.byteLength === 0) return undefined;
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', tailKey(key), nonce);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return { segment, nonce, ciphertext };
}

function openTail({ tail }: Sending, segment: number, key: FileKey): Buffer {
  if (tail?.segment !== segment) return Buffer.alloc(0);
  const end = tail.ciphertext.byteLength - tagBytes;
  const decipher = createDecipheriv('aes-256-gcm', tailKey(key), tail.nonce);
  decipher.setAuthTag(tail.ciphertext.subarray(end));
  try {
    return Buffer.concat([decipher.update(tail.ciphertext.subarray(0, end)), decipher.final()]);
  } catch (cause) {
    throw new FileTamperedError('the end of what was sent does not decrypt', { cause });
  }
}
