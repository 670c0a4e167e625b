/** What a key of the store begins with: which part of it the entry belongs to. */
enum Part {
  Catalog = 1,
  Record = 2,
  Index = 3,
  Counts = 4,
  Dropped = 5,
}

/** A range of keys: from `gte` up to, but without, `lt`. */
export interface KeyRange {
  readonly gte: Buffer;
  readonly lt: Buffer;
}

/** Bytes that a record's id takes in keys and values. */
export const RECORD_ID_BYTES = 8;

export const catalogRange: KeyRange = {
  gte: Buffer.from([Part.Catalog]),
  lt: Buffer.from([Part.Catalog + 1]),
};
export const droppedRange: KeyRange = {
  gte: Buffer.from([Part.Dropped]),
  lt: Buffer.from([Part.Dropped + 1]),
};

export function catalogKey(database: string, collection: string): Buffer {
  return Buffer.concat([Buffer.from([Part.Catalog]), Buffer.from(`${database}\0${collection}`)]);
}

/** The catalog's own entry: the counter of collection ids. It sorts before every collection's. */
export const catalogHeadKey = Buffer.from([Part.Catalog]);

export function recordPrefix(collection: number): Buffer {
  return prefix(Part.Record, collection);
}

export function recordKey(collection: number, record: number): Buffer {
  const key = Buffer.allocUnsafe(5 + RECORD_ID_BYTES);
  key[0] = Part.Record;
  key.writeUInt32BE(collection, 1);
  writeRecordId(key, record, 5);
  return key;
}

export function indexPrefix(collection: number, index: number): Buffer {
  const key = Buffer.allocUnsafe(9);
  key[0] = Part.Index;
  key.writeUInt32BE(collection, 1);
  key.writeUInt32BE(index, 5);
  return key;
}

export function indexesPrefix(collection: number): Buffer {
  return prefix(Part.Index, collection);
}

export function countsKey(collection: number): Buffer {
  return prefix(Part.Counts, collection);
}

/** Marks a collection (or one index of it) whose entries are still to be cleared. */
export function droppedKey(collection: number, index = 0): Buffer {
  return Buffer.concat([prefix(Part.Dropped, collection), u32(index)]);
}

export function readDroppedKey(key: Buffer): { readonly collection: number; readonly index: number } {
  return { collection: key.readUInt32BE(1), index: key.readUInt32BE(5) };
}

export function recordIdBytes(record: number): Buffer {
  const bytes = Buffer.allocUnsafe(RECORD_ID_BYTES);
  writeRecordId(bytes, record, 0);
  return bytes;
}

/** The record id that the last bytes of a record's key, or of an index entry, hold. */
export function readRecordId(bytes: Buffer): number {
  return Number(bytes.readBigUInt64BE(bytes.length - RECORD_ID_BYTES));
}

function writeRecordId(target: Buffer, record: number, at: number): void {
  target.writeBigUInt64BE(BigInt(record), at);
}

/** All keys that begin with these bytes. */
export function prefixRange(bytes: Buffer): KeyRange {
  return { gte: bytes, lt: successor(bytes) };
}

/** The least key above all that begin with these bytes. */
export function successor(bytes: Buffer): Buffer {
  let at = bytes.length - 1;
  while (at > 0 && bytes[at] === 0xff) at -= 1;
  const next = Buffer.from(bytes.subarray(0, at + 1));
  next[at] = (next[at] ?? 0) + 1;
  return next;
}

function prefix(part: Part, collection: number): Buffer {
  return Buffer.concat([Buffer.from([part]), u32(collection)]);
}

function u32(number: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(number);
  return bytes;
}
