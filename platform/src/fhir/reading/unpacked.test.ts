import { expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { readResources } from './read-resources.js';
import { type Packing, unpacked } from './unpacked.js';

/** In small chunks, as a network brings them. */
async function* chunksOf(bytes: Uint8Array, size = 1_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function lengthOf(bytes: Uint8Array, packing: Partial<Packing> = {}): Promise<number> {
  let length = 0;
  for await (const chunk of unpacked(chunksOf(bytes), { gzip: true, limit: 1e9, ...packing }))
    length += chunk.length;
  return length;
}

const lines = Buffer.from(`${JSON.stringify({ resourceType: 'Basic', id: 'a' })}\n`.repeat(10_000));

test('what was packed is there again, to the byte, and what was not packed too', async () => {
  expect(await lengthOf(gzipSync(lines))).toBe(lines.length);
  expect(await lengthOf(lines, { gzip: false })).toBe(lines.length);
  const found: unknown[] = [];
  for await (const entry of readResources(
    unpacked(chunksOf(gzipSync(lines), 7), { gzip: true, limit: 1e9 }),
    'ndjson',
  ))
    found.push(entry.location);
  expect(found).toHaveLength(10_000);
});

test('nothing beyond the limit is read', async () => {
  await expect(lengthOf(gzipSync(lines), { limit: 1000 })).rejects.toMatchObject({
    code: 'IMPORT_TOO_LARGE',
  });
  await expect(lengthOf(lines, { gzip: false, limit: 1000 })).rejects.toMatchObject({
    code: 'IMPORT_TOO_LARGE',
  });
});

test('a bomb is given up long before it has unpacked', async () => {
  const bomb = gzipSync(Buffer.alloc(100_000_000));
  let read = 0;
  const reading = async (): Promise<void> => {
    for await (const chunk of unpacked(chunksOf(bomb), { gzip: true, limit: 1e12 })) read += chunk.length;
  };
  await expect(reading()).rejects.toMatchObject({ code: 'IMPORT_TOO_LARGE' });
  expect(read).toBeLessThan(40_000_000);
});

test.each([
  ['no gzip', lines],
  ['cut off', gzipSync(lines).subarray(0, -10)],
  ['altered', Buffer.concat([gzipSync(lines).subarray(0, -8), Buffer.alloc(8)])],
])('%s is unreadable', async (_what, bytes) => {
  await expect(lengthOf(bytes)).rejects.toMatchObject({ code: 'IMPORT_UNREADABLE' });
});

test('what fails while it is read is told as it is', async () => {
  const failing = async function* (): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(gzipSync(lines).subarray(0, 20));
    throw new Error('the disk is gone');
  };
  const reading = async (): Promise<void> => {
    for await (const _chunk of unpacked(failing(), { gzip: true, limit: 1e9 }));
  };
  await expect(reading()).rejects.toThrow('the disk is gone');
});
