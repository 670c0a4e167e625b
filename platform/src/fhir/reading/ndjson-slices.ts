import { type Slice, SliceBuffer } from './slice.js';

const lineFeed = 0x0a;
const blanks: ReadonlySet<number> = new Set([0x20, 0x09, 0x0d]);

const isBlank = (slice: Slice): boolean => 'bytes' in slice && slice.bytes.every((byte) => blanks.has(byte));

/** The lines of NDJSON that are not blank, numbered from 1. A line that is too long is counted and not kept. */
export async function* ndjsonSlices(source: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Slice> {
  const line = new SliceBuffer(limit);
  let number = 1;
  for await (const chunk of source) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      line.push(chunk.subarray(start, end));
      const slice = line.take(number++);
      if (!isBlank(slice)) yield slice;
      start = end + 1;
    }
    line.push(chunk.subarray(start));
  }
  const last = line.take(number);
  if (!isBlank(last)) yield last;
}
