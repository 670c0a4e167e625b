/** Files on their way into and out of where they are kept, by what serves uploads and downloads, without a network or a disk. */
import { randomBytes } from 'node:crypto';
import {
  ciphertextLength,
  type FileDigest,
  type FileKey,
  FileReader,
  plaintextBefore,
  plaintextCapacity,
  segmentBytes,
  SegmentCipher,
  segmentCount,
  type SegmentStore,
  UploadBusyError,
  UploadWriter,
} from '@medigraph/platform/files';
import { processorRate } from './rates.js';

/** As a socket gives them. */
const chunkBytes = 65_536;
const fileBytes = 64 << 20;
const id = 'file';

/** Keeps the segments of one file in memory, or only counts them. */
class MemorySegments implements SegmentStore {
  readonly #segments: Buffer[] = [];
  readonly #kept: boolean;
  #count = 0;

  constructor(kept: boolean) {
    this.#kept = kept;
  }

  async insert(_id: string, n: number, data: Buffer): Promise<void> {
    await Promise.resolve();
    if (n !== this.#count) throw new UploadBusyError();
    this.#count += 1;
    if (this.#kept) this.#segments.push(Buffer.from(data));
  }

  count(): Promise<number> {
    return Promise.resolve(this.#count);
  }

  segment(_id: string, n: number): Promise<Buffer | undefined> {
    return Promise.resolve(this.#segments[n]);
  }

  async *segments(_id: string, from = 0): AsyncGenerator<Buffer> {
    yield* await Promise.resolve(this.#segments.slice(from));
  }

  publish(): Promise<void> {
    return Promise.resolve();
  }
}

/** Bytes a second of this thread's processor time: the cipher alone, and with what else an upload and a download are. */
export interface StreamRates {
  readonly seal: number;
  readonly open: number;
  readonly upload: number;
  readonly download: number;
}

/** Measures with one file, over and over for so many bytes. */
export async function streamRates(bytes: number): Promise<StreamRates> {
  const key: FileKey = { key: randomBytes(32), associatedData: Buffer.from(id) };
  const plaintext = randomBytes(fileBytes);
  const last = segmentCount(fileBytes) - 1;
  const rounds = Math.ceil(bytes / fileBytes);
  const rate = async (round: () => unknown): Promise<number> => {
    await round();
    return processorRate(rounds * fileBytes, async () => {
      for (let count = 0; count < rounds; count += 1) await round();
    });
  };

  const cipher = SegmentCipher.create(key);
  const room = Buffer.allocUnsafe(segmentBytes);
  const seal = await rate(() => {
    for (let segment = 0; segment <= last; segment += 1) {
      const from = plaintextBefore(segment);
      const part = plaintext.subarray(from, from + plaintextCapacity(segment));
      cipher.seal(segment, part, segment === last, room);
    }
  });
  const chunks = async function* (): AsyncGenerator<Buffer> {
    for (let from = 0; from < fileBytes; from += chunkBytes)
      yield await Promise.resolve(plaintext.subarray(from, from + chunkBytes));
  };
  const sending = { id, size: fileBytes };
  const send = async (store: SegmentStore): Promise<FileDigest> => {
    const writer = new UploadWriter(store, { keepTail: () => Promise.resolve() });
    await writer.append(sending, key, 0, chunks());
    const digest = writer.digest(sending);
    if (digest?.size !== ciphertextLength(fileBytes)) throw new Error('What was sent is not what is stored.');
    return digest;
  };
  const upload = await rate(() => send(new MemorySegments(false)));

  const stored = new MemorySegments(true);
  const digest = await send(stored);
  const ciphertext: Buffer[] = [];
  for await (const segment of stored.segments(id)) ciphertext.push(segment);
  const opener = SegmentCipher.of(ciphertext[0] ?? Buffer.alloc(0), key);
  const open = await rate(() => {
    for (const [segment, part] of ciphertext.entries()) opener.open(segment, part, segment === last);
  });
  const reader = new FileReader(stored);
  let read = 0;
  const download = await rate(async () => {
    for await (const part of reader.read(id, key, digest)) read += part.byteLength;
  });
  if (read !== (rounds + 1) * fileBytes) throw new Error('What was read is not what was sent.');
  return { seal, open, upload, download };
}
