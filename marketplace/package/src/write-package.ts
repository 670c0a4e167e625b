import { gzipSync } from 'fflate';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { EntryPaths } from './entry-path.js';
import { type PackageLimits, packageLimits } from './limits.js';
import { PackageError } from './package-error.js';

/** Path in the package to content. */
export type PackageFiles = ReadonlyMap<string, Uint8Array>;

/** What every entry has, whoever packs and wherever: nobody's name, no time, readable. */
const anonymous = { mtime: new Date(0), mode: 0o644, uid: 0, gid: 0, uname: '', gname: '' } as const;

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/**
 * The archive of a package: the same bytes for the same files, on each machine. It is compressed in JavaScript, because
 * zlib's output depends on the processor.
 * @throws {@link PackageError} `PACKAGE_ENTRY_INVALID`, `PACKAGE_TOO_LARGE`.
 */
export async function writePackage(
  files: PackageFiles,
  limits: PackageLimits = packageLimits,
): Promise<Uint8Array> {
  const paths = new EntryPaths();
  for (const path of files.keys()) paths.add(path);
  if (files.size > limits.entries)
    throw new PackageError('PACKAGE_TOO_LARGE', `${files.size} files, and ${limits.entries} are allowed`);
  const archive = pack();
  const written = buffer(archive);
  for (const [name, content] of [...files].sort(([a], [b]) => byBytes(a, b))) {
    const entry = archive.entry({ name, size: content.byteLength, ...anonymous });
    entry.end(content);
    await once(entry, 'finish');
  }
  archive.finalize();
  const unpacked = await written;
  demandAtMost('unpacked', unpacked.byteLength, limits);
  const packed = gzipSync(unpacked, { level: 9, mtime: 0 });
  demandAtMost('packed', packed.byteLength, limits);
  return packed;
}

/** @throws {@link PackageError} `PACKAGE_TOO_LARGE`. */
export function demandAtMost(what: 'packed' | 'unpacked', bytes: number, limits: PackageLimits): void {
  if (bytes > limits[what])
    throw new PackageError('PACKAGE_TOO_LARGE', `the package has more than ${limits[what]} bytes ${what}`);
}
