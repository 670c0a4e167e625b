import { PlatformError } from '../errors/index.js';

/** There is no such package, or not for the caller. */
export class PackageNotFoundError extends PlatformError {
  constructor(sha256: string) {
    super('PACKAGE_NOT_FOUND', `There is no package ${sha256}.`);
  }
}

/** What is to be published has not been uploaded. */
export class PackageMissingError extends PlatformError {
  constructor(sha256: string, size: number) {
    super(
      'PACKAGE_MISSING',
      `There is no package ${sha256} of ${size} bytes yet; PUT it at /packages/${sha256}.`,
    );
  }
}

/** The package is larger than one may be. */
export class PackageTooLargeError extends PlatformError {
  constructor(limit: number) {
    super('PACKAGE_TOO_LARGE', `A package has at most ${limit} bytes.`);
  }
}

/** The packages of a publisher would have more bytes than they may have together. */
export class PackageQuotaExceededError extends PlatformError {
  constructor(limit: number) {
    super('PACKAGE_QUOTA_EXCEEDED', `The packages of one publisher have at most ${limit} bytes together.`);
  }
}

/** The bytes are not those of the digest. */
export class PackageTamperedError extends PlatformError {
  constructor(expected: string, found: string) {
    super('PACKAGE_TAMPERED', `These are the bytes of ${found}, not of ${expected}.`);
  }
}

/** As many uploads as may be are under way. */
export class PackagesBusyError extends PlatformError {
  /** In seconds. */
  override readonly extensions = { retryAfter: 10 };

  constructor() {
    super('PACKAGES_BUSY', 'Too many packages are on their way; send it again in a while.');
  }
}
