import {
  BSONRegExp,
  BSONSymbol,
  Binary,
  Code,
  Decimal128,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import { CommandError } from '../errors.js';
import { double, setField, type Doc, type Value } from './value.js';

/** MongoDB's limit on nested documents and arrays. */
const MAX_DEPTH = 180;

/**
 * Decodes one BSON document into {@link Value}s, telling `int`, `long`, `double` and `decimal` apart and keeping what bson's own
 * `deserialize` turns into something else (DBRefs stay documents).
 *
 * @throws {@link CommandError} `InvalidBSON` where the bytes are not one whole, well-formed document, `Overflow` where it nests too deeply.
 */
export function decodeDocument(bytes: Uint8Array): Doc {
  const decoder = new Decoder(bytes);
  const doc = decoder.document(0);
  decoder.expectEnd();
  return doc;
}

/** Where the elements of a document lie: name and byte range (type byte and name included), without decoding the values. */
export interface ElementSpan {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** The first element of a document that {@link decodeDocument} has accepted. */
export function firstElement(bytes: Uint8Array): ElementSpan | undefined {
  return new Decoder(bytes).firstSpan();
}

const invalid = (reason: string): CommandError => new CommandError('InvalidBSON', `Invalid BSON: ${reason}`);

class Decoder {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  expectEnd(): void {
    if (this.#at !== this.#buffer.length) throw invalid('bytes after the end of the document');
  }

  firstSpan(): ElementSpan | undefined {
    this.#at = 4;
    const start = this.#at;
    const type = this.#byte();
    if (type === 0) return undefined;
    const name = this.#cstring();
    this.#value(type, 0);
    return { name, start, end: this.#at };
  }

  document(depth: number): Doc {
    const end = this.#enter(depth);
    const doc: Doc = {};
    for (let type = this.#byte(); type !== 0; type = this.#byte()) {
      const name = this.#cstring();
      setField(doc, name, this.#value(type, depth));
    }
    if (this.#at !== end) throw invalid('a document does not end where its length says');
    return doc;
  }

  #array(depth: number): Value[] {
    const end = this.#enter(depth);
    const items: Value[] = [];
    for (let type = this.#byte(); type !== 0; type = this.#byte()) {
      this.#skipCstring();
      items.push(this.#value(type, depth));
    }
    if (this.#at !== end) throw invalid('an array does not end where its length says');
    return items;
  }

  #enter(depth: number): number {
    if (depth > MAX_DEPTH)
      throw new CommandError('Overflow', `BSONObj exceeded maximum nested object depth: ${MAX_DEPTH}`);
    const start = this.#at;
    const length = this.#int32();
    if (length < 5 || start + length > this.#buffer.length) throw invalid(`bad document length ${length}`);
    return start + length;
  }

  #value(type: number, depth: number): Value {
    switch (type) {
      case 0x01:
        return double(this.#buffer.readDoubleLE(this.#take(8)));
      case 0x02:
        return this.#string();
      case 0x03:
        return this.document(depth + 1);
      case 0x04:
        return this.#array(depth + 1);
      case 0x05:
        return this.#binary();
      case 0x06:
        return undefined;
      case 0x07:
        return new ObjectId(this.#copy(12));
      case 0x08:
        return this.#boolean();
      case 0x09:
        return new Date(Number(this.#buffer.readBigInt64LE(this.#take(8))));
      case 0x0a:
        return null;
      case 0x0b:
        return new BSONRegExp(this.#cstring(), this.#cstring());
      case 0x0d:
        return new Code(this.#string());
      case 0x0e:
        return new BSONSymbol(this.#string());
      case 0x0f:
        return this.#codeWithScope(depth);
      case 0x10:
        return this.#int32();
      case 0x11:
        return this.#timestamp();
      case 0x12:
        return this.#long();
      case 0x13:
        return new Decimal128(this.#copy(16));
      case 0xff:
        return new MinKey();
      case 0x7f:
        return new MaxKey();
      default:
        throw invalid(`unknown or unsupported type 0x${type.toString(16)}`);
    }
  }

  #codeWithScope(depth: number): Code {
    const start = this.#at;
    const length = this.#int32();
    const code = new Code(this.#string(), this.document(depth + 1));
    if (this.#at !== start + length) throw invalid('code with scope does not end where its length says');
    return code;
  }

  #binary(): Binary {
    const length = this.#int32();
    if (length < 0) throw invalid('negative binary length');
    const subtype = this.#byte();
    return new Binary(this.#copy(length), subtype);
  }

  #boolean(): boolean {
    const byte = this.#byte();
    if (byte > 1) throw invalid('a boolean is neither 0 nor 1');
    return byte === 1;
  }

  #timestamp(): Timestamp {
    const at = this.#take(8);
    return new Timestamp({ i: this.#buffer.readUInt32LE(at), t: this.#buffer.readUInt32LE(at + 4) });
  }

  #long(): Long {
    const at = this.#take(8);
    return new Long(this.#buffer.readInt32LE(at), this.#buffer.readInt32LE(at + 4));
  }

  #string(): string {
    const length = this.#int32();
    if (length < 1) throw invalid(`bad string length ${length}`);
    const at = this.#take(length);
    if (this.#buffer[at + length - 1] !== 0) throw invalid('a string is not null-terminated');
    return this.#text(at, at + length - 1);
  }

  #cstring(): string {
    const start = this.#at;
    this.#skipCstring();
    return this.#text(start, this.#at - 1);
  }

  #skipCstring(): void {
    const end = this.#buffer.indexOf(0, this.#at);
    if (end < 0) throw invalid('a name is not null-terminated');
    this.#at = end + 1;
  }

  /** Short texts are nearly always ASCII, where reading byte by byte beats the call into the runtime. */
  #text(start: number, end: number): string {
    if (end - start <= 24) {
      let text = '';
      for (let at = start; at < end; at += 1) {
        const byte = this.#buffer[at] ?? 0;
        if (byte > 0x7f) return this.#buffer.toString('utf8', start, end);
        text += String.fromCharCode(byte);
      }
      return text;
    }
    return this.#buffer.toString('utf8', start, end);
  }

  #copy(length: number): Uint8Array {
    const at = this.#take(length);
    return Uint8Array.prototype.slice.call(this.#buffer, at, at + length);
  }

  #int32(): number {
    return this.#buffer.readInt32LE(this.#take(4));
  }

  #byte(): number {
    return this.#buffer[this.#take(1)] ?? 0;
  }

  #take(length: number): number {
    const at = this.#at;
    if (at + length > this.#buffer.length) throw invalid('the document is truncated');
    this.#at = at + length;
    return at;
  }
}
