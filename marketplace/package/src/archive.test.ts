import { describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { PackageError, readPackage, writePackage } from './index.js';

const text = (content: string) => new Uint8Array(Buffer.from(content));
const files = new Map([
  ['medigraph.json', text('{}')],
  ['contracts/index.js', text('module.exports = {}')],
]);

/** An archive as anybody could make one. */
async function archiveOf(
  ...entries: readonly (Partial<Header> & { content?: Uint8Array })[]
): Promise<Buffer> {
  const archive = pack();
  const written = buffer(archive);
  for (const { content = text('x'), ...header } of entries) {
    const size = header.type === undefined || header.type === 'file' ? content.byteLength : 0;
    const entry = archive.entry({ name: 'x', size, ...header });
    entry.end(size > 0 ? content : undefined);
    await once(entry, 'finish');
  }
  archive.finalize();
  return gzipSync(await written);
}

const refused = (code: string) => ({ name: 'PackageError', code });

test('the same files are the same bytes, whatever order they come in, and come back as they were', async () => {
  const packed = await writePackage(files);
  const again = await writePackage(new Map([...files].reverse()));
  expect(Buffer.compare(packed, again)).toBe(0);
  const read = await readPackage(packed);
  expect(read.size).toBe(packed.byteLength);
  expect([...read.files].map(([name, content]) => [name, Buffer.from(content).toString()])).toEqual([
    ['contracts/index.js', 'module.exports = {}'],
    ['medigraph.json', '{}'],
  ]);
});

test('the bytes of an archive do not depend on the machine', async () => {
  const { sha256 } = await readPackage(await writePackage(files));
  expect(sha256).toBe('74e7bdb9b6a28ea9acfff9f268803aae4776e688b4c5a4edd81b57c5ece5d067');
});

describe('entries', () => {
  test.each([
    '../evil.js',
    'a/../../evil.js',
    '/etc/passwd',
    'a//b.js',
    './a.js',
    'a\\b.js',
    'C:/a.js',
    'a/.hidden',
    'con.js',
    'a\u0000.js',
    'é.js',
    'a./b.js',
    'x'.repeat(201),
  ])('%j is refused, to write and to read', async (name) => {
    await expect(writePackage(new Map([[name, text('x')]]))).rejects.toMatchObject(
      refused('PACKAGE_ENTRY_INVALID'),
    );
    // An archive cannot hold a NUL in a name: what comes after it is not part of the name.
    if (!name.includes('\u0000'))
      await expect(readPackage(await archiveOf({ name }))).rejects.toMatchObject(
        refused('PACKAGE_ENTRY_INVALID'),
      );
  });

  test.each(['symlink', 'link', 'directory', 'character-device', 'fifo'] as const)(
    'a %s is refused',
    async (type) => {
      const archive = await archiveOf({ name: 'a', type, linkname: '/etc/passwd' });
      await expect(readPackage(archive)).rejects.toMatchObject(refused('PACKAGE_ENTRY_INVALID'));
    },
  );

  test.each([
    ['twice the same', 'a.js', 'a.js'],
    ['the same in another case', 'a.js', 'A.js'],
    ['a file and a folder', 'a', 'a/b.js'],
    ['a folder and a file', 'A/b.js', 'a'],
  ])('%s is refused', async (_what, first, second) => {
    await expect(readPackage(await archiveOf({ name: first }, { name: second }))).rejects.toMatchObject(
      refused('PACKAGE_ENTRY_INVALID'),
    );
  });
});

describe('size', () => {
  const limits = { packed: 10_000, unpacked: 1_000_000, entries: 3 };

  test('more packed bytes than allowed are not read to their end', async () => {
    let given = 0;
    async function* endless() {
      for (;;) {
        given += 1;
        yield await Promise.resolve(Buffer.alloc(1_000, given));
      }
    }
    const start = gzipSync(Buffer.alloc(0));
    async function* source() {
      yield start;
      yield* endless();
    }
    await expect(readPackage(source(), limits)).rejects.toBeInstanceOf(PackageError);
    expect(given).toBeLessThan(100);
  });

  test('a small archive that unpacks to much is refused while it unpacks', async () => {
    const mebibyte = 1024 * 1024;
    const small = { packed: mebibyte, unpacked: 8 * mebibyte, entries: 3 };
    const bomb = await archiveOf({ name: 'a.js', content: new Uint8Array(100 * mebibyte) });
    expect(bomb.byteLength).toBeLessThan(small.packed);
    const before = process.memoryUsage().arrayBuffers;
    await expect(readPackage(bomb, small)).rejects.toMatchObject(refused('PACKAGE_TOO_LARGE'));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * small.unpacked);
  });

  test('more files than allowed are refused', async () => {
    const many = ['a', 'b', 'c', 'd'].map((name) => ({ name }));
    await expect(readPackage(await archiveOf(...many), limits)).rejects.toMatchObject(
      refused('PACKAGE_TOO_LARGE'),
    );
    const map = new Map(many.map(({ name }) => [name, text('x')]));
    await expect(writePackage(map, limits)).rejects.toMatchObject(refused('PACKAGE_TOO_LARGE'));
  });

  test('a package is not written that nobody would read', async () => {
    const large = new Map([['a.js', new Uint8Array(2_000_000)]]);
    await expect(writePackage(large, limits)).rejects.toMatchObject(refused('PACKAGE_TOO_LARGE'));
  });
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['text', Buffer.from('not an archive')],
  ['gzip of something else', gzipSync('not an archive but long enough to be looked at: '.repeat(40))],
])('%s is no package', async (_what, bytes) => {
  await expect(readPackage(bytes)).rejects.toMatchObject(refused('PACKAGE_UNREADABLE'));
});

test('an archive that was cut is refused', async () => {
  const packed = await writePackage(files);
  await expect(readPackage(packed.subarray(0, packed.byteLength - 20))).rejects.toMatchObject(
    refused('PACKAGE_UNREADABLE'),
  );
});
