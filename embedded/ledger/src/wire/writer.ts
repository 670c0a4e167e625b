const initialSize = 64 * 1024;

/**
 * Writes a message back to front: content first, then the length that goes before it. So nested messages need neither
 * a second pass for sizes nor a buffer each.
 */
export class BackwardWriter {
  #buffer = Buffer.allocUnsafe(initialSize);
  #start = initialSize;

  /** Bytes written so far; the difference of two positions is the length of what lies between. */
  get length(): number {
    return this.#buffer.length - this.#start;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#start -= value.length;
    this.#buffer.set(value, this.#start);
  }

  string(value: string): void {
    const length = Buffer.byteLength(value);
    this.#reserve(length);
    this.#start -= length;
    this.#buffer.write(value, this.#start, length, 'utf8');
  }

  /** A non-negative integer up to 2^53. */
  varint(value: number): void {
    this.#reserve(10);
    let length = 1;
    for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length += 1;
    this.#start -= length;
    let position = this.#start;
    let rest = value;
    while (rest >= 128) {
      this.#buffer[position] = (rest % 128) | 128;
      position += 1;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[position] = rest;
  }

  /** Any 64-bit integer in two's complement. */
  signedVarint(value: number): void {
    if (value >= 0) {
      this.varint(value);
      return;
    }
    this.#reserve(10);
    this.#start -= 10;
    let rest = BigInt.asUintN(64, BigInt(value));
    for (let index = 0; index < 10; index += 1) {
      this.#buffer[this.#start + index] = Number(rest & 127n) | (index < 9 ? 128 : 0);
      rest >>= 7n;
    }
  }

  /** Copies out what was written after `from` and forgets it. */
  take(from: number): Buffer {
    const end = this.#buffer.length - from;
    const result = Buffer.from(this.#buffer.subarray(this.#start, end));
    this.#start = end;
    return result;
  }

  /** Forgets what was written after `from`, for when writing a message failed half-way. */
  rewind(from: number): void {
    this.#start = this.#buffer.length - from;
  }

  #reserve(length: number): void {
    if (this.#start >= length) return;
    const used = this.length;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, used + length + initialSize));
    this.#buffer.copy(grown, grown.length - used, this.#start);
    this.#start = grown.length - used;
    this.#buffer = grown;
  }
}
