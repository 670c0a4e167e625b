/** Whole files in Tink's streaming format, in constant memory. */
import { FileTamperedError } from './errors.js';
import { type FileKey, SegmentCipher } from './segment-cipher.js';
import { headerBytes, plaintextCapacity, segmentBytes } from './segment-layout.js';

type Bytes = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Cuts a stream into parts of the lengths asked for, each gone once the next is asked for; the last is what remains and may be empty. */
async function* partsOf(
  source: Bytes,
  lengthOf: (part: number) => number,
): AsyncGenerator<{ readonly bytes: Buffer; readonly last: boolean }> {
  let part = 0;
  const room = Buffer.allocUnsafe(Math.max(lengthOf(0), lengthOf(1)));
  let buffer = room.subarray(0, lengthOf(0));
  let filled = 0;
  for await (const chunk of source) {
    let rest = chunk;
    while (rest.byteLength > 0) {
      if (filled === buffer.byteLength) {
        yield { bytes: buffer, last: false };
        part += 1;
        buffer = room.subarray(0, lengthOf(part));
        filled = 0;
      }
      const taken = rest.subarray(0, buffer.byteLength - filled);
      buffer.set(taken, filled);
      filled += taken.byteLength;
      rest = rest.subarray(taken.byteLength);
    }
  }
  yield { bytes: buffer.subarray(0, filled), last: true };
}

/** The ciphertext of a stream, a segment at a time. */
export async function* encryptStream(source: Bytes, key: FileKey): AsyncGenerator<Buffer> {
  const cipher = SegmentCipher.create(key);
  let segment = 0;
  for await (const { bytes, last } of partsOf(source, plaintextCapacity)) {
    yield cipher.seal(segment, bytes, last);
    segment += 1;
  }
}

/**
 * The plaintext of a stream, a segment at a time; nothing of a segment is given before all of it is known to be right.
 * @throws {@link FileTamperedError}
 */
export async function* decryptStream(source: Bytes, key: FileKey): AsyncGenerator<Buffer> {
  let cipher: SegmentCipher | undefined;
  let segment = 0;
  for await (const { bytes, last } of partsOf(source, () => segmentBytes)) {
    if (bytes.byteLength < headerBytes && segment === 0) throw new FileTamperedError('it is cut off');
    cipher ??= SegmentCipher.of(bytes, key);
    yield cipher.open(segment, bytes, last);
    segment += 1;
  }
}
