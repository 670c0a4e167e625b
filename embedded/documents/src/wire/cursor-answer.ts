import type { Long } from 'bson';

/** A batch of a cursor. */
export interface CursorBatch {
  /** 0 where there is no more. */
  readonly id: Long;
  readonly namespace: string;
  readonly field: 'firstBatch' | 'nextBatch';
  /** Encoded documents. */
  readonly documents: readonly Uint8Array[];
}

const element = (type: number, name: string): Buffer =>
  Buffer.from(`${String.fromCharCode(type)}${name}\0`, 'latin1');

const DOCUMENT = 0x03;
const ARRAY = 0x04;
const STRING = 0x02;
const LONG = 0x12;
const DOUBLE = 0x01;
const END = Buffer.from([0]);

/** Writes a cursor's answer around documents that are already encoded, without decoding them. */
export function encodeCursorAnswer({ id, namespace, field, documents }: CursorBatch): Uint8Array {
  const items = framed(documents.flatMap((document, at) => [element(DOCUMENT, String(at)), document]));
  const longId = Buffer.alloc(8);
  longId.writeBigInt64LE(id.toBigInt());
  const text = Buffer.from(`${namespace}\0`);
  const cursor = framed([
    element(ARRAY, field),
    items,
    element(LONG, 'id'),
    longId,
    element(STRING, 'ns'),
    int32(text.length),
    text,
  ]);
  const one = Buffer.alloc(8);
  one.writeDoubleLE(1);
  return framed([element(DOCUMENT, 'cursor'), cursor, element(DOUBLE, 'ok'), one]);
}

/** Elements as a document: its length before, a zero byte after. */
function framed(parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 5);
  return Buffer.concat([int32(length), ...parts, END], length);
}

function int32(number: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32LE(number);
  return bytes;
}
