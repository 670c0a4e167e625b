import { positionLength, writePosition } from './keys.js';

// Keys of private data in a channel's store. What an organisation keeps stands behind its name, so that its peer can open
// nothing but its own:
//   p <organisation> 0 <namespace> 0 <collection> 0 <key>                      private state
//   w <organisation> 0 <block> <tx> <namespace> 0 <collection>                 what a transaction wrote to a collection
//   i <organisation> 0 <namespace> 0 <collection> 0 <hash of key> <block> <tx> which of those write a key
//   e <expiring block> <block> <namespace> 0 <collection>                      what is to be forgotten with a block
//   t <transaction id> 0 <namespace> 0 <collection> 0 <hash>                   endorsed, and not yet in a block

const prefix = { state: 0x70, writeSet: 0x77, index: 0x69, expiry: 0x65, staged: 0x74 } as const;

export const hashLength = 32;

const terminated = (...names: readonly string[]): Buffer =>
  Buffer.concat(names.flatMap((name) => [Buffer.from(name), Buffer.of(0)]));

const position = (block: number, transaction: number): Buffer => {
  const result = Buffer.allocUnsafe(positionLength);
  writePosition(result, 0, block, transaction);
  return result;
};

const blockNumber = (block: number): Buffer => {
  const result = Buffer.allocUnsafe(8);
  result.writeBigUInt64BE(BigInt(block));
  return result;
};

/** A collection as one organisation keeps it. */
export interface KeptCollection {
  /** MSP id. */
  readonly holder: string;
  readonly namespace: string;
  readonly collection: string;
}

const kept = (first: number, { holder, namespace, collection }: KeptCollection): Buffer =>
  Buffer.concat([Buffer.of(first), terminated(holder, namespace, collection)]);

/** Key of a private value; with an empty key, the first of all of the collection. */
export const privateStateKey = (of: KeptCollection, key: string): Buffer =>
  Buffer.concat([kept(prefix.state, of), Buffer.from(key)]);

/** First key behind all of a collection's private state. */
export function privateStateEnd(of: KeptCollection): Buffer {
  const end = kept(prefix.state, of);
  end[end.length - 1] = 1;
  return end;
}

export const writeSetKey = (of: KeptCollection, block: number, transaction: number): Buffer =>
  Buffer.concat([
    Buffer.of(prefix.writeSet),
    terminated(of.holder),
    position(block, transaction),
    terminated(of.namespace),
    Buffer.from(of.collection),
  ]);

/** Bounds of what an organisation has of a block. */
export function writeSetRange(holder: string, block: number): { gte: Buffer; lt: Buffer } {
  const start = Buffer.concat([Buffer.of(prefix.writeSet), terminated(holder)]);
  return {
    gte: Buffer.concat([start, position(block, 0)]),
    lt: Buffer.concat([start, position(block + 1, 0)]),
  };
}

/** What the key of a write set says besides whose it is. */
export function readWriteSetKey(
  holder: string,
  key: Buffer,
): { transaction: number; namespace: string; collection: string } {
  const start = 2 + Buffer.byteLength(holder);
  const names = start + positionLength;
  const end = key.indexOf(0, names);
  return {
    transaction: key.readUInt32BE(start + 8),
    namespace: key.toString('utf8', names, end),
    collection: key.toString('utf8', end + 1),
  };
}

export const indexKey = (of: KeptCollection, keyHash: Buffer, block: number, transaction: number): Buffer =>
  Buffer.concat([kept(prefix.index, of), keyHash, position(block, transaction)]);

/** Bounds of a key's entries up to and with a transaction. */
export const indexRange = (
  of: KeptCollection,
  keyHash: Buffer,
  block: number,
  transaction: number,
): { gte: Buffer; lte: Buffer } => ({
  gte: indexKey(of, keyHash, 0, 0),
  lte: indexKey(of, keyHash, block, transaction),
});

export const expiryKey = (expiring: number, block: number, namespace: string, collection: string): Buffer =>
  Buffer.concat([
    Buffer.of(prefix.expiry),
    blockNumber(expiring),
    blockNumber(block),
    terminated(namespace),
    Buffer.from(collection),
  ]);

/** Bounds of what expires up to and with a block. */
export const expiryRange = (expiring: number): { gte: Buffer; lt: Buffer } => ({
  gte: Buffer.of(prefix.expiry),
  lt: Buffer.concat([Buffer.of(prefix.expiry), blockNumber(expiring + 1)]),
});

export const stagedKey = (id: string, namespace: string, collection: string, hash: Buffer): Buffer =>
  Buffer.concat([Buffer.of(prefix.staged), terminated(id, namespace, collection), hash]);

/** Bounds of what is staged for a transaction. */
export function stagedRange(id: string): { gte: Buffer; lt: Buffer } {
  const start = Buffer.concat([Buffer.of(prefix.staged), Buffer.from(id)]);
  return { gte: Buffer.concat([start, Buffer.of(0)]), lt: Buffer.concat([start, Buffer.of(1)]) };
}

/** First letters of keys that do not follow from blocks: what waits for its block, and what is to be forgotten when. */
export const notFromBlocks: readonly number[] = [prefix.expiry, prefix.staged];

/** Bounds of all that is staged. */
export const allStaged = { gte: Buffer.of(prefix.staged), lt: Buffer.of(prefix.staged + 1) };

/** What of an organisation's private data is stored under a key, in words; undefined if it is nothing of that. */
export function describePrivateKey(stored: Buffer): string | undefined {
  const kinds = new Map<number | undefined, string>([
    [prefix.state, 'private state'],
    [prefix.writeSet, 'private write set'],
    [prefix.index, 'private index'],
  ]);
  const kind = kinds.get(stored[0]);
  if (kind === undefined) return undefined;
  const end = stored.indexOf(0);
  const holder = stored.toString('utf8', 1, end);
  const rest = stored.subarray(end + 1);
  return stored[0] === prefix.state
    ? `the ${kind} of ${holder}, ${rest.toString().replaceAll('\0', ', ')}`
    : `the entry ${rest.toString('hex')} of the ${kind} of ${holder}`;
}
