import { PlatformError } from '../errors/index.js';

/** The certificate authority did not answer, or answered something that it never says. */
export class CaUnavailableError extends PlatformError {
  constructor(message: string, options?: ErrorOptions) {
    super('CA_UNAVAILABLE', message, options);
  }
}

/** The certificate authority refuses. */
export class CaRefusedError extends PlatformError {
  constructor(
    /** Of HTTP. */
    readonly status: number,
    /** Fabric CA's number for the reason; 20 and 71 stand for all reasons that a caller is not told. */
    readonly reason: number,
    message: string,
  ) {
    super('CA_REFUSED', message);
  }
}
