import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import {
  ciphertextLength,
  type FileKey,
  FileReader,
  headerBytes,
  plaintextBefore,
  plaintextCapacity,
  plaintextLength,
  segmentAt,
  segmentBytes,
  SegmentCipher,
  segmentCount,
} from './index.js';

const tinkFolder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../src/testing/tink');

/** Made by `tink-stream.py vectors`: what Tink itself answers. Salt and nonces of a ciphertext are in its header. */
interface Vector {
  readonly key: string;
  readonly associatedData: string;
  readonly size: number;
  readonly header: string;
  readonly length: number;
  readonly sha256: string;
}
const vectors = JSON.parse(readFileSync(path.join(tinkFolder, 'vectors.json'), 'utf8')) as Vector[];

const pattern = (size: number): Buffer =>
  Buffer.alloc(size, Buffer.from(Array.from({ length: 251 }, (_, byte) => byte)));

const key: FileKey = { key: Buffer.alloc(32, 7), associatedData: Buffer.from('patient:entry') };

async function joined(parts: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const part of parts) all.push(part);
  return Buffer.concat(all);
}

function segmentsOf(ciphertext: Buffer): Buffer[] {
  const count = Math.ceil(ciphertext.length / segmentBytes);
  return Array.from({ length: count }, (_, n) =>
    ciphertext.subarray(n * segmentBytes, (n + 1) * segmentBytes),
  );
}

/** Reads what is kept as these segments. */
function readerOf(segments: readonly Buffer[]): FileReader {
  return new FileReader({
    segment: (_id, n) => Promise.resolve(segments[n]),
    segments: async function* (_id, from = 0) {
      yield* await Promise.resolve(segments.slice(from));
    },
  });
}

async function opened(ciphertext: Buffer, fileKey: FileKey): Promise<Buffer> {
  const reader = readerOf(segmentsOf(ciphertext));
  return joined(reader.read('file', fileKey, await reader.digest('file')));
}

const sealed = (plaintext: Buffer): Buffer => sealedAs(SegmentCipher.create(key), plaintext);

function sealedAs(cipher: SegmentCipher, plaintext: Buffer): Buffer {
  const count = segmentCount(plaintext.length);
  return Buffer.concat(
    Array.from({ length: count }, (_, segment) => {
      const from = plaintextBefore(segment);
      const part = plaintext.subarray(from, from + plaintextCapacity(segment));
      return cipher.seal(segment, part, segment === count - 1);
    }),
  );
}

describe('as Tink has it', () => {
  test.each(vectors)('$size bytes', async (vector) => {
    const fileKey = {
      key: Buffer.from(vector.key, 'hex'),
      associatedData: Buffer.from(vector.associatedData),
    };
    const plaintext = pattern(vector.size);
    const ciphertext = sealedAs(SegmentCipher.of(Buffer.from(vector.header, 'hex'), fileKey), plaintext);
    expect(ciphertext.length).toBe(vector.length);
    expect(createHash('sha256').update(ciphertext).digest('hex')).toBe(vector.sha256);
    expect((await opened(ciphertext, fileKey)).equals(plaintext)).toBe(true);
  });

  // A Python that has the package `tink`; the vectors above were made by one.
  const python = process.env['MEDIGRAPH_TEST_TINK_PYTHON'] ?? '';
  if (python === '') return;
  describe('asked now', () => {
    const tink = (what: 'encrypt' | 'decrypt', input: Buffer): Promise<Buffer> =>
      new Promise((resolve, reject) => {
        const hex = Buffer.from(key.key).toString('hex');
        const child = execFile(
          python,
          [path.join(tinkFolder, 'tink-stream.py'), what, hex, Buffer.from(key.associatedData).toString()],
          { encoding: 'buffer', maxBuffer: 64_000_000 },
          (error, output) => (error === null ? resolve(output) : reject(new Error(error.message))),
        );
        child.stdin?.end(input);
      });

    test.each([0, 1, 1_048_520, 5_000_000])('%d bytes, in both directions', async (size) => {
      const plaintext = pattern(size);
      expect((await tink('decrypt', sealed(plaintext))).equals(plaintext)).toBe(true);
      const theirs = await tink('encrypt', plaintext);
      expect((await opened(theirs, key)).equals(plaintext)).toBe(true);
    });
  });
});

const sizes = [0, 1, 1_048_519, 1_048_520, 1_048_521, 2_097_080, 2_097_081, 4_000_000];

test.each(sizes)('%d bytes come back, and lie where the layout says', async (size) => {
  const ciphertext = sealed(pattern(size));
  expect(ciphertext.length).toBe(ciphertextLength(size));
  expect(plaintextLength(ciphertext.length)).toBe(size);
  expect(segmentCount(size)).toBe(Math.max(1, Math.ceil(ciphertext.length / segmentBytes)));
  expect((await opened(ciphertext, key)).equals(pattern(size))).toBe(true);
});

test('every byte belongs to one segment', () => {
  for (const segment of [0, 1, 2, 1000]) {
    expect(segmentAt(plaintextBefore(segment))).toBe(segment);
    expect(segmentAt(plaintextBefore(segment + 1) - 1)).toBe(segment);
  }
});

test.each([0, 39, 55, segmentBytes + 1, segmentBytes + 15])(
  'no plaintext has %d bytes of ciphertext',
  (length) => expect(plaintextLength(length)).toBeUndefined(),
);

describe('refused, with nothing of the wrong segment given', () => {
  const plaintext = pattern(3_500_000);
  const ciphertext = sealed(plaintext);
  const altered: Record<string, (segments: Buffer[]) => Buffer[]> = {
    'a byte of the first segment': ([first = Buffer.alloc(0), ...rest]) => {
      const copy = Buffer.from(first);
      copy[headerBytes + 9] = (copy[headerBytes + 9] ?? 0) ^ 1;
      return [copy, ...rest];
    },
    'a byte of the salt': ([first = Buffer.alloc(0), ...rest]) => {
      const copy = Buffer.from(first);
      copy[5] = (copy[5] ?? 0) ^ 1;
      return [copy, ...rest];
    },
    'no header': ([first = Buffer.alloc(0), ...rest]) => [Buffer.from(first.map(() => 0)), ...rest],
    'cut off after a segment': (segments) => segments.slice(0, 2),
    'cut off in a segment': (segments) => [
      ...segments.slice(0, 2),
      segments[2]?.subarray(0, 900) ?? Buffer.alloc(0),
    ],
    'cut off in the header': ([first = Buffer.alloc(0)]) => [first.subarray(0, 20)],
    nothing: () => [],
    'two segments swapped': ([a, b, c, ...rest]) => [a, c, b, ...rest].filter((one) => one !== undefined),
    'a segment left out': ([a, , ...rest]) => [a, ...rest].filter((one) => one !== undefined),
    'a segment twice': ([a, b, ...rest]) => [a, b, b, ...rest].filter((one) => one !== undefined),
    'something behind the last': (segments) => [
      ...segments.slice(0, -1),
      Buffer.concat([segments.at(-1) ?? Buffer.alloc(0), Buffer.from('more')]),
    ],
  };
  /** By the tags alone, as a part is read: no digest helps. */
  const readUnhashed = (segments: readonly Buffer[]): AsyncGenerator<Buffer> => {
    const digest = { size: ciphertext.length, sha256: '' };
    return readerOf(segments).readRange('file', key, digest, { first: 0, last: plaintext.length - 1 });
  };

  test.each(Object.entries(altered))('%s', async (_what, alter) => {
    const segments = alter(segmentsOf(ciphertext));
    const given: Buffer[] = [];
    const reading = (async () => {
      for await (const part of readUnhashed(segments)) given.push(part);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'FILE_TAMPERED' });
    const seen = Buffer.concat(given);
    expect(seen.equals(plaintext.subarray(0, seen.length))).toBe(true);
    expect(seen.length).toBeLessThan(plaintext.length);
  });

  test('the file of another entry', async () => {
    const other = { ...key, associatedData: Buffer.from('patient:other') };
    await expect(opened(ciphertext, other)).rejects.toMatchObject({ code: 'FILE_TAMPERED' });
  });

  test('a segment of another sealing under the same key', async () => {
    const [first, , ...rest] = segmentsOf(ciphertext);
    const mixed = [first, segmentsOf(sealed(plaintext))[1], ...rest].filter((part) => part !== undefined);
    await expect(joined(readUnhashed(mixed))).rejects.toMatchObject({ code: 'FILE_TAMPERED' });
  });
});
