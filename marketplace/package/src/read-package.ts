import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { EntryPaths } from './entry-path.js';
import { type PackageLimits, packageLimits } from './limits.js';
import { PackageError } from './package-error.js';
import { demandAtMost, type PackageFiles } from './write-package.js';

/** A package as it was read. */
export interface ReadPackage {
  readonly files: PackageFiles;
  /** Of the archive, in lower-case hex. */
  readonly sha256: string;
  /** Bytes of the archive. */
  readonly size: number;
}

type Source = Uint8Array | AsyncIterable<Uint8Array>;

async function* chunksOf(source: Source): AsyncGenerator<Uint8Array> {
  if (source instanceof Uint8Array) yield source;
  else yield* source;
}

/** Passes bytes on, and stops as soon as they are too many. */
const counted = (what: 'packed' | 'unpacked', limits: PackageLimits, onChunk?: (chunk: Uint8Array) => void) =>
  async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    for await (const chunk of source) {
      bytes += chunk.byteLength;
      demandAtMost(what, bytes, limits);
      onChunk?.(chunk);
      yield chunk;
    }
  };

function demandFile({ name, type, linkname }: Header): void {
  if (type !== 'file')
    throw new PackageError(
      'PACKAGE_ENTRY_INVALID',
      `${name} is a ${type}${linkname ? ` to ${linkname}` : ''}: a package has files alone`,
    );
}

/**
 * Opens an archive. It is read as it comes: no more than the limits is ever kept, and nothing is written to disk.
 * @throws {@link PackageError} `PACKAGE_TOO_LARGE`, `PACKAGE_UNREADABLE`, `PACKAGE_ENTRY_INVALID`.
 */
export async function readPackage(
  source: Source,
  limits: PackageLimits = packageLimits,
): Promise<ReadPackage> {
  const digest = createHash('sha256');
  const archive = extract();
  const paths = new EntryPaths();
  const files = new Map<string, Uint8Array>();
  let size = 0;
  const collected = (async () => {
    for await (const entry of archive) {
      const { header } = entry;
      demandFile(header);
      paths.add(header.name);
      if (files.size >= limits.entries)
        throw new PackageError('PACKAGE_TOO_LARGE', `the package has more than ${limits.entries} files`);
      const chunks: Uint8Array[] = [];
      for await (const chunk of entry) chunks.push(chunk as Uint8Array);
      files.set(header.name, Buffer.concat(chunks));
    }
  })();
  const passed = pipeline(
    chunksOf(source),
    counted('packed', limits, (chunk) => {
      digest.update(chunk);
      size += chunk.byteLength;
    }),
    createGunzip(),
    counted('unpacked', limits),
    archive,
  );
  // Whichever of the two fails first makes the other fail too: the first has the reason.
  const outcomes = await Promise.allSettled([passed, collected]);
  const failures = outcomes.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []));
  if (failures.length > 0) {
    const refusal = failures.find((one) => one instanceof PackageError);
    if (refusal) throw refusal;
    throw new PackageError('PACKAGE_UNREADABLE', 'the package is no gzipped tar archive, or a damaged one', {
      cause: failures[0],
    });
  }
  return { files, sha256: digest.digest('hex'), size };
}
