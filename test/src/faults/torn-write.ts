/**
 * What a power cut does to a write that was under way. Bytes that a process had written to the log of a LevelDB store after
 * the last sync that returned to it are not known to be on the disk: from a random one of them on, the file ends, or has
 * zeros, or anything. Where there are none, the write is taken to have only begun, and the file gets a tail that never was
 * a whole record. Bytes before are never touched: the disk has promised them. So it is with the tail witness beside a
 * channel's store, which is written without a sync: any part of its newest record may be lost.
 */
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Synced, syncedFile } from './notes.js';
import { type Random } from './random.js';

const tears = ['ends', 'zeros', 'noise'] as const;

/** Tears the newest log of a store; answers what was done, in words. */
export async function tearStore(notes: string, store: string, random: Random): Promise<string> {
  const log = (await readdir(store))
    .filter((name) => name.endsWith('.log'))
    .sort()
    .at(-1);
  if (log === undefined) return 'no log';
  const file = path.join(store, log);
  const content = await readFile(file);
  const known = await syncedOf(notes, store);
  const synced = known?.log === log ? known.size : 0;
  if (content.length <= synced) {
    const tail =
      random.pick(tears) === 'zeros'
        ? Buffer.alloc(random.whole(1, 4096))
        : random.bytes(random.whole(1, 4096));
    await writeFile(file, Buffer.concat([content, tail]));
    return `${tail.length} bytes of a write that had begun`;
  }
  const from = random.whole(synced, content.length - 1);
  const lost = content.length - from;
  await writeFile(file, torn(content, from, random));
  return `${lost} of ${content.length - synced} bytes not synced`;
}

/** Tears the newest record of a channel's tail witness: the two are a sector apart, so that one write touches one. */
export async function tearWitness(file: string, random: Random): Promise<void> {
  const content = await readFile(file).catch(() => undefined);
  if (content === undefined || content.length === 0) return;
  const newest = newestRecord(content);
  const from = newest.start + random.whole(0, newest.length - 1);
  const end = newest.start + newest.length;
  const damaged = random.pick(tears) === 'zeros' ? Buffer.alloc(end - from) : random.bytes(end - from);
  damaged.copy(content, from);
  await writeFile(file, content);
}

const sector = 512;

/** The one whose height, its first eight bytes, is greater. */
function newestRecord(content: Buffer): { readonly start: number; readonly length: number } {
  const second = content.length > sector && content.readBigUInt64BE(sector) > content.readBigUInt64BE(0);
  const start = second ? sector : 0;
  return { start, length: Math.min(content.length - start, sector) };
}

function torn(content: Buffer, from: number, random: Random): Buffer {
  const kept = content.subarray(0, from);
  const lost = content.length - from;
  const tear = random.pick(tears);
  if (tear === 'ends') return kept;
  return Buffer.concat([kept, tear === 'zeros' ? Buffer.alloc(lost) : random.bytes(lost)]);
}

async function syncedOf(notes: string, store: string): Promise<Synced | undefined> {
  const file = syncedFile(notes, store);
  if (!(await stat(file).catch(() => undefined))) return undefined;
  return JSON.parse(await readFile(file, 'utf8')) as Synced;
}
