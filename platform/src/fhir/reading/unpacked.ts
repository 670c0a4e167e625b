/** Bytes of an import as they are before they were packed, as many as may be. */
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ImportTooLargeError, ImportUnreadableError } from './errors.js';

/** How a source is packed, and how much there may be in it. */
export interface Packing {
  readonly gzip: boolean;
  /** Most bytes unpacked. */
  readonly limit: number;
}

/**
 * How many bytes one packed byte may become, once there are more than {@link alwaysUnpacked} of them. Records become some 20;
 * what becomes more than this was made to fill a memory or waste a day.
 */
const mostExpansion = 200;
const alwaysUnpacked = 16_000_000;

/**
 * The bytes of a source, unpacked as they are needed.
 * @throws {@link ImportTooLargeError} beyond the limit, or for a bomb; {@link ImportUnreadableError} for what is no gzip, or is
 *   cut off.
 */
export async function* unpacked(
  source: AsyncIterable<Uint8Array>,
  { gzip, limit }: Packing,
): AsyncGenerator<Uint8Array> {
  let packedBytes = 0;
  let bytes = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      packedBytes += chunk.length;
      yield chunk;
    }
  };
  const demandFew = (): void => {
    if (bytes > limit) throw new ImportTooLargeError(`it has more than ${limit} bytes unpacked`);
    if (gzip && bytes > alwaysUnpacked && bytes > mostExpansion * packedBytes)
      throw new ImportTooLargeError(`it becomes more than ${mostExpansion} times as large as it is`);
  };
  for await (const chunk of gzip ? gunzipped(counted()) : counted()) {
    bytes += chunk.length;
    demandFew();
    yield chunk;
  }
}

async function* gunzipped(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unpacking = createGunzip();
  const reading = Readable.from(packed, { objectMode: false });
  // What fails while it is read fails what is unpacked from it.
  reading.once('error', (error) => unpacking.destroy(error));
  try {
    yield* reading.pipe(unpacking) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    if (!isOfZlib(cause)) throw cause;
    throw new ImportUnreadableError('it is no gzip, or is cut off', { cause });
  } finally {
    unpacking.destroy();
    reading.destroy();
  }
}

const isOfZlib = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException | undefined)?.code?.startsWith('Z_') === true;
