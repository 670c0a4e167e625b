import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import {
  ciphertextLength,
  decryptStream,
  encryptStream,
  type FileKey,
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

/** In pieces that fit no segment. */
function* pieces(bytes: Buffer, length = 65_521): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += length) yield bytes.subarray(from, from + length);
}

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
    expect((await joined(decryptStream(pieces(ciphertext), fileKey))).equals(plaintext)).toBe(true);
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
      const ours = await joined(encryptStream(pieces(plaintext), key));
      expect((await tink('decrypt', ours)).equals(plaintext)).toBe(true);
      const theirs = await tink('encrypt', plaintext);
      expect((await joined(decryptStream(pieces(theirs), key))).equals(plaintext)).toBe(true);
    });
  });
});

const sizes = [0, 1, 1_048_519, 1_048_520, 1_048_521, 2_097_080, 2_097_081, 4_000_000];

test.each(sizes)('%d bytes come back, and lie where the layout says', async (size) => {
  const ciphertext = await joined(encryptStream(pieces(pattern(size)), key));
  expect(ciphertext.length).toBe(ciphertextLength(size));
  expect(plaintextLength(ciphertext.length)).toBe(size);
  expect(segmentCount(size)).toBe(Math.max(1, Math.ceil(ciphertext.length / segmentBytes)));
  expect((await joined(decryptStream(pieces(ciphertext), key))).equals(pattern(size))).toBe(true);
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
  const segmentsOf = (bytes: Buffer): Buffer[] => [...pieces(bytes, segmentBytes)];
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
    'something behind it': (segments) => [...segments, Buffer.from('more')],
  };

  test.each(Object.entries(altered))('%s', async (_what, alter) => {
    const ciphertext = await joined(encryptStream([plaintext], key));
    const given: Buffer[] = [];
    const reading = (async () => {
      for await (const part of decryptStream(pieces(Buffer.concat(alter(segmentsOf(ciphertext)))), key))
        given.push(part);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'FILE_TAMPERED' });
    const seen = Buffer.concat(given);
    expect(seen.equals(plaintext.subarray(0, seen.length))).toBe(true);
    expect(seen.length).toBeLessThan(plaintext.length);
  });

  test('the file of another entry', async () => {
    const ciphertext = await joined(encryptStream([plaintext], key));
    const other = { ...key, associatedData: Buffer.from('patient:other') };
    await expect(joined(decryptStream([ciphertext], other))).rejects.toMatchObject({ code: 'FILE_TAMPERED' });
  });

  test('a segment of another sealing under the same key', async () => {
    const [one, two] = await Promise.all([
      joined(encryptStream([plaintext], key)),
      joined(encryptStream([plaintext], key)),
    ]);
    const [first, , ...rest] = segmentsOf(one);
    const mixed = [first, segmentsOf(two)[1], ...rest].filter((part) => part !== undefined);
    await expect(joined(decryptStream(mixed, key))).rejects.toMatchObject({ code: 'FILE_TAMPERED' });
  });
});
