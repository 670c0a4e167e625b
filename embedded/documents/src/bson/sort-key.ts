import { BSONRegExp, BSONSymbol, Binary, Code, Decimal128, Double, Long, ObjectId, Timestamp } from 'bson';
import { compareExact, magnitude, subtractExact, toExact, toNumber, type Exact } from './exact.js';
import { isDoc, rankOf, type Doc, type Numeric, type Value } from './value.js';

/** Grows as it is written to; one is reused for every key. */
class KeyWriter {
  #buffer = Buffer.allocUnsafe(256);
  #length = 0;

  reset(): void {
    this.#length = 0;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length] = value;
    this.#length += 1;
  }

  bytes(source: Uint8Array): void {
    this.#reserve(source.length);
    this.#buffer.set(source, this.#length);
    this.#length += source.length;
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#length = this.#buffer.writeUInt32BE(value, this.#length);
  }

  uint64(value: bigint): void {
    this.#reserve(8);
    this.#length = this.#buffer.writeBigUInt64BE(value, this.#length);
  }

  /** Eight bytes that order as doubles do: the sign bit flipped, all bits where negative. */
  double(value: number): void {
    this.#reserve(8);
    const at = this.#length;
    this.#buffer.writeDoubleBE(value, at);
    if ((this.#buffer[at] ?? 0) & 0x80) this.invert(at, at + 8);
    else this.#buffer[at] = (this.#buffer[at] ?? 0) | 0x80;
    this.#length = at + 8;
  }

  /** Text ends with 0x00 0x00; a zero inside is written 0x00 0xFF, so a prefix sorts before what it begins. */
  text(value: string): void {
    this.#reserve(value.length * 3 + 2);
    const start = this.#length;
    const end = start + this.#buffer.write(value, start, 'utf8');
    this.#length = end;
    if (this.#buffer.subarray(start, end).includes(0)) {
      const raw = Buffer.from(this.#buffer.subarray(start, end));
      this.#length = start;
      for (const byte of raw) {
        this.byte(byte);
        if (byte === 0) this.byte(0xff);
      }
    }
    this.byte(0);
    this.byte(0);
  }

  invert(start: number, end = this.#length): void {
    for (let at = start; at < end; at += 1) this.#buffer[at] = ~(this.#buffer[at] ?? 0) & 0xff;
  }

  get length(): number {
    return this.#length;
  }

  finish(): Buffer {
    return Buffer.from(this.#buffer.subarray(0, this.#length));
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}

const writer = new KeyWriter();

/**
 * Encodes values so that the bytes order as {@link compareValues} orders the values, and are equal where those are equal. So an index
 * is a range of keys, and the key of a value (whatever its numeric type) is its identity for uniqueness, grouping and sets.
 *
 * @param descending - for each value, whether its order is turned around; all ascending where left out.
 */
export function sortKey(values: readonly Value[], descending?: readonly boolean[]): Buffer {
  writer.reset();
  for (const [at, value] of values.entries()) {
    const start = writer.length;
    writeValue(value);
    if (descending?.[at]) writer.invert(start);
  }
  return writer.finish();
}

/** The identity of a value as a string, for maps and sets: equal where MongoDB calls the values equal. */
export function identityOf(value: Value): string {
  if (typeof value === 'string') return `s${value}`;
  return sortKey([value]).toString('latin1');
}

/** The first byte of every key of a value of this rank; the byte after it bounds the range of the rank from above. */
export function rankByte(rank: number): number {
  return rank * 8;
}

function writeValue(value: Value): void {
  const rank = rankOf(value);
  writer.byte(rankByte(rank));
  writePayload(value);
}

function writePayload(value: Value): void {
  if (typeof value === 'string') writer.text(value);
  else if (typeof value === 'boolean') writer.byte(Number(value));
  else if (typeof value === 'number' || value instanceof Double || value instanceof Decimal128)
    writeNumber(value);
  else if (value instanceof Timestamp) writer.uint64(BigInt.asUintN(64, value.toBigInt()));
  else if (value instanceof Long) writeNumber(value);
  else if (Array.isArray(value)) writeArray(value);
  else if (isDoc(value)) writeDoc(value);
  else if (value instanceof Date) writer.uint64(BigInt(value.getTime()) + (1n << 63n));
  else if (value instanceof ObjectId) writer.bytes(value.id);
  else if (value instanceof Binary) writeBinary(value);
  else if (value instanceof BSONRegExp) writeTexts(value.pattern, value.options);
  else if (value instanceof BSONSymbol) writer.text(value.value);
  else if (value instanceof Code) {
    writer.text(value.code);
    writeDoc(value.scope ?? {});
  }
}

function writeTexts(first: string, second: string): void {
  writer.text(first);
  writer.text(second);
}

function writeBinary(value: Binary): void {
  writer.uint32(value.position);
  writer.byte(value.sub_type);
  writer.bytes(value.buffer.subarray(0, value.position));
}

function writeArray(items: readonly Value[]): void {
  for (const item of items) writeValue(item);
  writer.byte(0);
}

function writeDoc(doc: Doc): void {
  for (const [name, value] of Object.entries(doc)) {
    writer.byte(rankByte(rankOf(value)));
    writer.text(name);
    writePayload(value);
  }
  writer.byte(0);
}

/** A number is the greatest double not above it, then what it exceeds that by: nothing (0), for all that doubles hold. */
function writeNumber(value: Numeric): void {
  if (value instanceof Decimal128 || (value instanceof Long && !isSafe(value))) writeExact(value);
  else {
    const number = toNumber(value);
    if (Number.isNaN(number)) writer.uint64(0n);
    else writer.double(number === 0 ? 0 : number);
    writer.byte(0);
  }
}

const isSafe = (value: Long): boolean => Number.isSafeInteger(value.toNumber());

function writeExact(value: Numeric): void {
  const exact = toExact(value);
  if (typeof exact === 'string') {
    writeNumber(Number(exact));
    return;
  }
  const floor = floorDouble(exact, toNumber(value));
  writer.double(floor === 0 ? 0 : floor);
  const base = toExact(floor);
  const excess = typeof base === 'string' ? exact : subtractExact(exact, base);
  if (excess.digits === 0n) writer.byte(0);
  else writeExcess(excess);
}

function floorDouble(exact: Exact, nearest: number): number {
  if (nearest === Infinity) return Number.MAX_VALUE;
  if (nearest === -Infinity) return -Infinity;
  const rounded = toExact(nearest);
  return typeof rounded !== 'string' && compareExact(rounded, exact) > 0 ? nextBelow(nearest) : nearest;
}

const scratch = new DataView(new ArrayBuffer(8));

function nextBelow(number: number): number {
  if (number === 0) return -Number.MIN_VALUE;
  scratch.setFloat64(0, number);
  scratch.setBigInt64(0, scratch.getBigInt64(0) + (number > 0 ? -1n : 1n));
  return scratch.getFloat64(0);
}

function writeExcess(excess: Exact): void {
  writer.byte(1);
  writer.uint32(magnitude(excess) + 0x10000);
  const digits = (excess.digits < 0n ? -excess.digits : excess.digits).toString().replace(/0+$/, '');
  writer.text(digits);
}
