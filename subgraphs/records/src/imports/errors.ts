import { PlatformError } from '@medigraph/platform/errors';

/** A request to import is not one that can be answered. */
export class ImportRequestError extends PlatformError {
  constructor(
    /** Of the answer. */
    readonly status: 400 | 405 | 415,
    message: string,
    /** Of the answer, to say what would have been right. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super('BAD_REQUEST', message);
  }
}

/** As many imports as may be are under way. */
export class ImportsBusy extends PlatformError {
  /** In seconds. */
  override readonly extensions = { retryAfter: 30 };

  constructor() {
    super('RATE_LIMITED', 'Too many imports are under way; come back in a while.');
  }
}
