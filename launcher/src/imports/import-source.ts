import { createReadStream } from 'node:fs';
import { unpacked } from '@medigraph/platform/fhir';

/** Most bytes of one file, unpacked. More is no record of one person, or was made to fill a disk or waste a day. */
export const maxFileBytes = 20_000_000_000;

/** Most bytes of one resource: what a mutation carries. Larger ones are streamed to `/imports/` instead. */
export const maxSentBytes = 10_000_000;

/**
 * The bytes of a file, unpacked if its name ends in `.gz`, as they are needed.
 * @throws `IMPORT_TOO_LARGE`, beyond the limit; `IMPORT_UNREADABLE` for what is no gzip.
 */
export async function* bytesOf(file: string, limit = maxFileBytes): AsyncGenerator<Uint8Array> {
  const stream = createReadStream(file, { highWaterMark: 1 << 18 });
  try {
    yield* unpacked(stream as AsyncIterable<Uint8Array>, { gzip: /\.gz$/i.test(file), limit });
  } finally {
    stream.destroy();
  }
}
