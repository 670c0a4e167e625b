import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { type ImportFormat } from '@medigraph/platform/fhir';
import { CommandError } from '../errors.js';

/** Most bytes of one file, unpacked. More is no record of one person, or was made to fill a disk or waste a day. */
export const maxFileBytes = 20_000_000_000;

const formats: readonly (readonly [RegExp, ImportFormat])[] = [
  [/\.(ndjson|jsonl)(\.gz)?$/i, 'ndjson'],
  [/\.json(\.gz)?$/i, 'bundle'],
];

/** How a file is written, by its name; undefined for one that is nothing to import. */
export function formatOf(file: string): ImportFormat | undefined {
  return formats.find(([pattern]) => pattern.test(file))?.[1];
}

/**
 * The bytes of a file, unpacked if its name ends in `.gz`, as they are needed.
 * @throws {@link CommandError} `IMPORT_TOO_LARGE`, beyond the limit; `IMPORT_UNREADABLE` for what is no gzip.
 */
export async function* bytesOf(file: string, limit = maxFileBytes): AsyncGenerator<Uint8Array> {
  const stream = createReadStream(file, { highWaterMark: 1 << 18 });
  const unpacking = file.toLowerCase().endsWith('.gz') ? createGunzip() : undefined;
  const source: AsyncIterable<Uint8Array> = unpacking ? stream.pipe(unpacking) : stream;
  // What fails while it is read fails what is unpacked from it.
  stream.on('error', (error) => unpacking?.destroy(error));
  let bytes = 0;
  try {
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > limit)
        throw new CommandError('IMPORT_TOO_LARGE', `${file} has more than ${limit} bytes unpacked`);
      yield chunk;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith('Z_'))
      throw new CommandError('IMPORT_UNREADABLE', `${file} is no gzip, or is cut off`, { cause: error });
    throw error;
  } finally {
    stream.destroy();
    unpacking?.destroy();
  }
}
