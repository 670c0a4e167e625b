import { PlatformError } from '../../errors/index.js';

/** What was sent as a whole is no Bundle or NDJSON that can be imported; nothing after the fault is read. */
export class ImportUnreadableError extends PlatformError {
  constructor(message: string, options?: ErrorOptions) {
    super('IMPORT_UNREADABLE', `The import cannot be read: ${message}.`, options);
  }
}

/** What was sent is, as a whole, more than is taken. */
export class ImportTooLargeError extends PlatformError {
  constructor(message: string) {
    super('IMPORT_TOO_LARGE', `The import is too large: ${message}.`);
  }
}
