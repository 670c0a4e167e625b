/** The codes that the contracts of a version have in their text, as they stand. */
import { type PackageStore } from '@medigraph/platform/packages';
import { type DAppBook, releaseId } from '../read-model.js';

/** Reads the text of one file of a package. @param entry - path in the package. */
export type BundleReader = (archive: AsyncIterable<Uint8Array>, entry: string) => Promise<string>;

/** @see codesOfBundles */
export interface BundleCodesOptions {
  readonly book: DAppBook;
  readonly packages: Pick<PackageStore, 'read'>;
  readonly readBundle: BundleReader;
}

/** What a sandbox refuses with, in the words of a contract. */
const sandboxCodes = [
  'DAPP_BUSY',
  'DAPP_LIMIT_EXCEEDED',
  'DAPP_STOPPED',
  'DAPP_TIMED_OUT',
  'DAPP_UNAVAILABLE',
] as const;
const code = /\b[A-Z][A-Z0-9_]{1,59}\b/g;
const mostCodes = 1_000;
const mostVersions = 200;

/** Looks a bundle's codes up, once for each version. A package that is not there has none. */
export function codesOfBundles({
  book,
  packages,
  readBundle,
}: BundleCodesOptions): (dapp: string, version: string) => Promise<ReadonlySet<string>> {
  const known = new Map<string, Promise<ReadonlySet<string>>>();
  const look = async (id: string): Promise<ReadonlySet<string>> => {
    const release = await book.releases.findById(id).lean().exec();
    const found = release && (await packages.read(release.package.sha256));
    if (!found) return new Set(sandboxCodes);
    const bundle = await readBundle(found.bytes, release.manifest.contracts.entry);
    const codes = new Set<string>(sandboxCodes);
    for (const [word] of bundle.matchAll(code)) {
      if (codes.size >= mostCodes) break;
      codes.add(word);
    }
    return codes;
  };
  return (dapp, version) => {
    const id = releaseId(dapp, version);
    const looking = known.get(id) ?? look(id);
    if (known.size >= mostVersions) known.clear();
    known.set(id, looking);
    // What failed is looked up again.
    looking.catch(() => known.delete(id));
    return looking;
  };
}
