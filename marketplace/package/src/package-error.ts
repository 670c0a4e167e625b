/** Codes with which a package is refused, and what each means. */
export const packageErrorCodes = {
  PACKAGE_TOO_LARGE: 'more bytes or entries than a package may have, packed or unpacked',
  PACKAGE_UNREADABLE: 'no gzipped tar archive, or a damaged one',
  PACKAGE_ENTRY_INVALID:
    'an entry that is no plain file below the root of the package, or that another one hides',
  MANIFEST_MISSING: 'there is no medigraph.json at the root of the package',
  MANIFEST_INVALID: 'the manifest is not as its schema says',
  SIGNATURE_INVALID: 'nobody signed this package, or somebody else, or another one',
  KEY_UNREADABLE: 'the key file is damaged, or its passphrase is another one',
} as const;
export type PackageErrorCode = keyof typeof packageErrorCodes;

/** A package, or what belongs to one, that is refused. */
export class PackageError extends Error {
  override readonly name = 'PackageError';

  constructor(
    readonly code: PackageErrorCode,
    /** One sentence: what is wrong, naming the entry or field. */
    sentence: string,
    options?: ErrorOptions,
  ) {
    super(sentence, options);
  }
}
