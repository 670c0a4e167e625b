/** What a package may come to, so that nobody who opens one runs out of memory. */
export interface PackageLimits {
  /** Bytes of the archive. */
  readonly packed: number;
  /** Bytes of the archive once it is unpacked. */
  readonly unpacked: number;
  readonly entries: number;
}

const mebibyte = 1024 * 1024;

export const packageLimits: PackageLimits = {
  packed: 50 * mebibyte,
  unpacked: 200 * mebibyte,
  entries: 2_000,
};

/** Characters of an entry's path. */
export const longestPath = 200;
