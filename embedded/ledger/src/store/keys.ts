// Keys of a channel's store. One letter says what is stored, so that each kind is one range:
//   m <name>                                     where the channel stands
//   b <block>                                    block without its transactions
//   d <block> <transaction>                      envelope
//   n <block hash>                               number of the block
//   x <transaction id>                           where a transaction is, and its validation code
//   s <namespace> 0 <key>                        state
//   h <namespace> 0 <length> <key> <block> <tx>  one write of a key
// Private data has letters of its own: see private-keys.ts.
// Numbers are big-endian, so that the order of keys is the order of numbers.

/** First letter of each kind of key. */
export const prefix = {
  meta: 0x6d,
  block: 0x62,
  envelope: 0x64,
  blockHash: 0x6e,
  transaction: 0x78,
  state: 0x73,
  history: 0x68,
} as const;

export const positionLength = 12;

export const metaKey = (name: string): Buffer => Buffer.concat([Buffer.of(prefix.meta), Buffer.from(name)]);

export function blockKey(block: number): Buffer {
  const key = Buffer.allocUnsafe(9);
  key[0] = prefix.block;
  key.writeBigUInt64BE(BigInt(block), 1);
  return key;
}

export function envelopeKey(block: number, transaction: number): Buffer {
  const key = Buffer.allocUnsafe(1 + positionLength);
  key[0] = prefix.envelope;
  writePosition(key, 1, block, transaction);
  return key;
}

export const blockHashKey = (hash: Buffer): Buffer => Buffer.concat([Buffer.of(prefix.blockHash), hash]);

export const transactionKey = (id: string): Buffer => {
  const key = Buffer.allocUnsafe(1 + Buffer.byteLength(id));
  key[0] = prefix.transaction;
  key.write(id, 1);
  return key;
};

export function stateKey(namespace: string, key: string): Buffer {
  const start = 2 + Buffer.byteLength(namespace);
  const result = Buffer.allocUnsafe(start + Buffer.byteLength(key));
  result[0] = prefix.state;
  result.write(namespace, 1);
  result[start - 1] = 0;
  result.write(key, start);
  return result;
}

/** First key behind all of a namespace. */
export function stateEnd(namespace: string): Buffer {
  const end = stateKey(namespace, '');
  end[end.length - 1] = 1;
  return end;
}

function historyPrefix(namespace: string, key: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(key));
  return Buffer.concat([
    Buffer.of(prefix.history),
    Buffer.from(namespace),
    Buffer.of(0),
    length,
    Buffer.from(key),
  ]);
}

export function historyKey(namespace: string, key: string, block: number, transaction: number): Buffer {
  const start = historyPrefix(namespace, key);
  const result = Buffer.allocUnsafe(start.length + positionLength);
  start.copy(result);
  writePosition(result, start.length, block, transaction);
  return result;
}

/** All writes of a key, as bounds of a range. */
export function historyRange(namespace: string, key: string): { gte: Buffer; lte: Buffer } {
  const start = historyPrefix(namespace, key);
  return { gte: start, lte: Buffer.concat([start, Buffer.alloc(positionLength, 0xff)]) };
}

export function positionOf(key: Buffer): { block: number; transaction: number } {
  const start = key.length - positionLength;
  return { block: Number(key.readBigUInt64BE(start)), transaction: key.readUInt32BE(start + 8) };
}

export function writePosition(target: Buffer, start: number, block: number, transaction: number): void {
  target.writeBigUInt64BE(BigInt(block), start);
  target.writeUInt32BE(transaction, start + 8);
}
