import { PlatformError } from '../errors/index.js';

/** A preparation that was not made here for this caller. */
export class PreparationInvalidError extends PlatformError {
  constructor(problem: string, options?: ErrorOptions) {
    super('PREPARATION_INVALID', `The preparation cannot be used: ${problem}.`, options);
  }
}

/** A preparation that has waited too long. */
export class PreparationExpiredError extends PlatformError {
  constructor(expiresAt: string) {
    super('PREPARATION_EXPIRED', `The preparation could be signed until ${expiresAt}; prepare again.`);
  }
}

/** A signature that is not over what was prepared, by the key of the certificate. */
export class SignatureInvalidError extends PlatformError {
  constructor(problem: string) {
    super('SIGNATURE_INVALID', `The signatures cannot be forwarded: ${problem}.`);
  }
}
