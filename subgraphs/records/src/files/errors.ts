import { PlatformError } from '@medigraph/platform/errors';

/** A request for a file is not one that can be answered. */
export class FileRequestError extends PlatformError {
  constructor(
    /** Of the answer. */
    readonly status: 400 | 405 | 412 | 413 | 415 | 416,
    message: string,
    /** Of the answer, to say what would have been right. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(status === 413 ? 'FILE_TOO_LARGE' : 'BAD_REQUEST', message);
  }
}
