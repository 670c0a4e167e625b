import { ImportUnreadableError } from './errors.js';
import { type Slice, SliceBuffer } from './slice.js';

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openers: ReadonlySet<number> = new Set([0x7b, 0x5b]);
const closers: ReadonlySet<number> = new Set([0x7d, 0x5d]);
const openObject = 0x7b;
const openList = 0x5b;
const blanks: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Most bytes that a bundle may have beside its entries. */
export const maxEnvelopeBytes = 1_000_000;

/** What a bundle says beside its entries: its JSON with `entry` emptied. */
export interface BundleEnvelope {
  /** Called once, before the first entry is taken, with what came before it; throws if that is not to be read on. */
  opened(json: Uint8Array): void;
  /** Called at the end, with all of it. */
  closed(json: Uint8Array): void;
}

/**
 * Cuts a JSON document into the elements of its member `entry`, as it arrives: in memory are one element and the rest of the
 * document, never the whole.
 */
export class BundleSlicer {
  readonly #element: SliceBuffer;
  readonly #envelope: BundleEnvelope;
  /** One character a byte. */
  #beside = '';
  #depth = 0;
  #index = 0;
  #inString = false;
  #escaped = false;
  /** Within `entry`: its elements have this depth or more. */
  #elementDepth: number | undefined;
  #afterColon = false;
  #ended = false;
  #seenEntries = false;

  constructor(envelope: BundleEnvelope, elementLimit: number) {
    this.#envelope = envelope;
    this.#element = new SliceBuffer(elementLimit);
  }

  /** Takes the next bytes, and gives the elements that end in them. */
  *push(chunk: Uint8Array): Generator<Slice> {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (this.#inString) {
        at = this.#endOfString(chunk, at);
        continue;
      }
      if (this.#depth === 0 && !blanks.has(byte)) this.#requireStart(byte);
      const isInElement = this.#elementDepth !== undefined && this.#depth > this.#elementDepth;
      if (byte === quote) this.#inString = true;
      else if (openers.has(byte)) {
        if (this.#depth === this.#elementDepth) {
          this.#keep(chunk.subarray(start, at));
          start = at;
        }
        this.#depth += 1;
        if (this.#opensEntries(byte)) {
          this.#keep(chunk.subarray(start, at + 1));
          start = at + 1;
          this.#enterEntries();
        }
      } else if (closers.has(byte)) {
        this.#depth -= 1;
        if (isInElement && this.#depth === this.#elementDepth) {
          this.#element.push(chunk.subarray(start, at + 1));
          start = at + 1;
          yield this.#element.take(this.#index++);
        } else if (this.#elementDepth !== undefined && this.#depth < this.#elementDepth) {
          this.#elementDepth = undefined;
        }
        if (this.#depth <= 0) this.#ended = true;
      } else if (byte === comma && this.#depth === this.#elementDepth) {
        this.#keep(chunk.subarray(start, at));
        start = at + 1;
      }
      if (this.#depth === 1 && !blanks.has(byte)) this.#afterColon = byte === colon;
    }
    const rest = chunk.subarray(start);
    if (this.#elementDepth !== undefined && this.#depth > this.#elementDepth) this.#element.push(rest);
    else this.#keep(rest);
  }

  /** @throws {@link ImportUnreadableError} if the document is not whole. */
  end(): void {
    if (!this.#ended) throw new ImportUnreadableError('the document ends before it is complete');
    this.#envelope.closed(Buffer.from(this.#beside, 'latin1'));
  }

  #requireStart(byte: number): void {
    if (this.#ended) throw new ImportUnreadableError('something follows the end of the document');
    if (byte !== openObject) throw new ImportUnreadableError('the document is not a JSON object');
  }

  #endOfString(chunk: Uint8Array, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at];
      if (this.#escaped) this.#escaped = false;
      else if (byte === backslash) this.#escaped = true;
      else if (byte === quote) {
        this.#inString = false;
        return at;
      }
    }
    return chunk.length;
  }

  #opensEntries(byte: number): boolean {
    return byte === openList && this.#depth === 2 && this.#afterColon;
  }

  #enterEntries(): void {
    if (!/(?<!\\)"entry"\s*:\s*\[$/.test(this.#beside.slice(-64))) return;
    if (this.#seenEntries) throw new ImportUnreadableError('Bundle.entry is there twice');
    this.#seenEntries = true;
    this.#envelope.opened(Buffer.from(`${this.#beside}]}`, 'latin1'));
    this.#elementDepth = this.#depth;
  }

  /** Bytes outside of entries. In UTF-8 no byte of a longer character is one of those that this looks for. */
  #keep(part: Uint8Array): void {
    if (this.#beside.length + part.length > maxEnvelopeBytes)
      throw new ImportUnreadableError(
        `the document has more than ${maxEnvelopeBytes} bytes beside its entries`,
      );
    this.#beside += Buffer.from(part).toString('latin1');
  }
}
