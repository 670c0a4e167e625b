import { PlatformError } from '@medigraph/platform/errors';

/** A request for a package is not one that can be answered. */
export class PackageRequestError extends PlatformError {
  constructor(
    /** Of the answer. */
    readonly status: 400 | 405,
    message: string,
    /** Of the answer, to say what would have been right. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super('BAD_REQUEST', message);
  }
}
