import { isUtf8 } from 'node:buffer';
import { LedgerError } from '../errors.js';

/** What a peer says of any bytes that cannot be read, whatever is wrong with them; the cause says what. */
export const unreadable = 'proto: cannot parse invalid wire-format data';

/** Bytes that are no protobuf message, or not one of the expected type. */
export class WireError extends LedgerError {
  constructor(message: string, options?: ErrorOptions) {
    super('WIRE_FORMAT', message, options);
  }
}

const high32 = 2 ** 32;

/** Reads protobuf's wire format out of a buffer, without copying: byte fields are views of it. */
export class WireReader {
  #position = 0;

  constructor(readonly buffer: Buffer) {}

  get done(): boolean {
    return this.#position >= this.buffer.length;
  }

  /** An unsigned 64-bit integer; above 2^53 it is rounded. */
  uint64(): number {
    const buffer = this.buffer;
    let position = this.#position;
    let byte = buffer[position];
    if (byte !== undefined && byte < 128) {
      this.#position = position + 1;
      return byte;
    }
    let result = 0;
    let scale = 1;
    for (let count = 0; count < 10; count += 1) {
      byte = buffer[position];
      if (byte === undefined) throw new WireError('unexpected end of the message in a number');
      position += 1;
      result += (byte & 127) * scale;
      if (byte < 128) {
        this.#position = position;
        return result;
      }
      scale *= 128;
    }
    throw new WireError('number longer than 64 bits');
  }

  int64(): number {
    const start = this.#position;
    const value = this.uint64();
    if (value < 2 ** 63) return value;
    // Negative: read again in exact arithmetic, which rounding above 2^53 forbids here.
    let exact = 0n;
    for (let position = start, shift = 0n; position < this.#position; position += 1, shift += 7n) {
      exact |= BigInt((this.buffer[position] ?? 0) & 127) << shift;
    }
    return Number(BigInt.asIntN(64, exact));
  }

  int32(): number {
    const value = this.int64();
    return value >= -(2 ** 31) && value < 2 ** 31 ? value : Math.trunc(value % high32) | 0;
  }

  bytes(): Buffer {
    const length = this.uint64();
    const start = this.#position;
    const end = start + length;
    if (end > this.buffer.length) throw new WireError('unexpected end of the message in a field');
    this.#position = end;
    return this.buffer.subarray(start, end);
  }

  string(): string {
    const content = this.bytes();
    if (!isUtf8(content)) throw new WireError('string field contains invalid UTF-8');
    return content.toString('utf8');
  }

  skip(wireType: number): void {
    switch (wireType) {
      case 0:
        this.uint64();
        return;
      case 1:
        this.#advance(8);
        return;
      case 2:
        this.bytes();
        return;
      case 5:
        this.#advance(4);
        return;
      default:
        throw new WireError(`unknown wire type ${wireType}`);
    }
  }

  #advance(length: number): void {
    this.#position += length;
    if (this.#position > this.buffer.length) throw new WireError('unexpected end of the message in a field');
  }
}
