import { longestPath } from './limits.js';
import { PackageError } from './package-error.js';

/** Parts of paths: no part is hidden, empty, `.` or `..`, and none means something else on another system. */
const part = /^[A-Za-z0-9_@+-][A-Za-z0-9._@+ -]*$/;
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * Refuses a path that would leave the package, or that not every file system keeps as it is written.
 * @throws {@link PackageError} `PACKAGE_ENTRY_INVALID`.
 */
export function demandPlainPath(path: string): void {
  const parts = path.split('/');
  const plain =
    path.length <= longestPath &&
    parts.every((one) => part.test(one) && !reserved.test(one) && !/[. ]$/.test(one));
  if (!plain)
    throw new PackageError(
      'PACKAGE_ENTRY_INVALID',
      `${JSON.stringify(path.slice(0, longestPath))} is no plain path`,
    );
}

/** Paths of one package: none hides another, also where upper and lower case are the same. */
export class EntryPaths {
  readonly #files = new Map<string, string>();
  readonly #folders = new Map<string, string>();

  /** @throws {@link PackageError} `PACKAGE_ENTRY_INVALID`. */
  add(path: string): void {
    demandPlainPath(path);
    const key = path.toLowerCase();
    const parts = key.split('/');
    const folders = parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
    const hidden = this.#files.get(key) ?? this.#folders.get(key) ?? this.#fileAmong(folders);
    if (hidden !== undefined)
      throw new PackageError('PACKAGE_ENTRY_INVALID', `${path} and ${hidden} are the same on some systems`);
    this.#files.set(key, path);
    for (const folder of folders) this.#folders.set(folder, path);
  }

  #fileAmong(folders: readonly string[]): string | undefined {
    return folders.map((folder) => this.#files.get(folder)).find((found) => found !== undefined);
  }
}
