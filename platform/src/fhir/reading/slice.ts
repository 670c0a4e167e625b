/** One part of a document that is read as a stream: the bytes of a JSON value, or how many there were, if too many. */
export type Slice =
  | { readonly index: number; readonly bytes: Uint8Array }
  | { readonly index: number; readonly skipped: number };

/** Collects the bytes of one slice, of which only so many are kept as one may have. */
export class SliceBuffer {
  readonly #limit: number;
  #parts: Uint8Array[] = [];
  #length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get length(): number {
    return this.#length;
  }

  push(part: Uint8Array): void {
    this.#length += part.length;
    if (this.#length > this.#limit) this.#parts = [];
    else if (part.length > 0) this.#parts.push(part);
  }

  /** The slice, and nothing more in here. */
  take(index: number): Slice {
    const skipped = this.#length;
    const slice = skipped > this.#limit ? { index, skipped } : { index, bytes: Buffer.concat(this.#parts) };
    this.#parts = [];
    this.#length = 0;
    return slice;
  }
}
