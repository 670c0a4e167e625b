import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import {
  FileTamperedError,
  FileTooLargeError,
  UploadBusyError,
  UploadIncompleteError,
  UploadOffsetError,
} from './errors.js';
import { type FileBucket } from './file-bucket.js';
import { type FileKey, SegmentCipher } from './segment-cipher.js';
import { plaintextBefore, plaintextCapacity, segmentCount, tagBytes } from './segment-layout.js';
import { type Upload, type UploadStore } from './upload-store.js';

type Sending = Pick<Upload, 'id' | 'size' | 'tail'>;

/**
 * Takes what is sent of a file, in as many requests as it needs, and seals it into the bucket a segment at a time. What has
 * been stored says where an upload stands, so it goes on after a crash; a stored segment is never sealed anew, since two
 * plaintexts under one nonce would open each other.
 */
export class UploadWriter {
  readonly #bucket: FileBucket;
  readonly #uploads: UploadStore<unknown>;
  readonly #busy = new Set<string>();

  constructor(bucket: FileBucket, uploads: UploadStore<unknown>) {
    this.#bucket = bucket;
    this.#uploads = uploads;
  }

  /** Bytes of plaintext that are stored. */
  async offset({ id, size, tail }: Sending): Promise<number> {
    const segment = await this.#bucket.count(id);
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
    await this.#bucket.publish({ id: upload.id, length, patient: upload.patient });
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
    let segment = await this.#bucket.count(id);
    const cipher = await this.#cipherOf(id, segment, key);
    const plaintext = Buffer.allocUnsafe(plaintextCapacity(1));
    let filled = openTail(upload, segment, key).copy(plaintext);
    let storing: Promise<void> = Promise.resolve();
    const seal = async (last: boolean): Promise<void> => {
      const sealed = cipher.seal(segment, plaintext.subarray(0, filled), last);
      const place = segment;
      segment += 1;
      filled = 0;
      // One is stored while the next one comes.
      await storing;
      storing = this.#bucket.insert(id, place, sealed);
      storing.catch(() => undefined);
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
      await this.#uploads.keepTail(
        id,
        whole ? undefined : sealTail(segment, plaintext.subarray(0, filled), key),
      );
    }
    return offset;
  }

  async #cipherOf(id: string, segment: number, key: FileKey): Promise<SegmentCipher> {
    if (segment === 0) return SegmentCipher.create(key);
    const first = await this.#bucket.segment(id, 0);
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
