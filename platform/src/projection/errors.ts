import { PlatformError, type PlatformErrorCode } from '../errors/index.js';

/** The cursor was not made by this stream. */
export class CursorInvalidError extends PlatformError {
  constructor(problem: string, options?: ErrorOptions) {
    const code: PlatformErrorCode = 'CURSOR_INVALID';
    super(code, `The cursor is not valid: ${problem}.`, options);
  }
}
