import { PlatformError, type PlatformErrorCode } from '../errors/index.js';

/** The document server could not be reached or did not answer in time. */
export class DocumentsUnavailableError extends PlatformError {
  constructor(message: string, options?: ErrorOptions) {
    const code: PlatformErrorCode = 'DOCUMENTS_UNAVAILABLE';
    super(code, message, options);
  }
}
