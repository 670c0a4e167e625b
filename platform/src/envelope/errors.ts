import { PlatformError, type PlatformErrorCode } from '../errors/index.js';

/** A failure to seal, wrap or open. */
export abstract class EnvelopeError extends PlatformError {}

/** A sealed body is not the one whose digest and id were given. */
export class BodyTamperedError extends EnvelopeError {
  constructor(id: string, problem: string, options?: ErrorOptions) {
    const code: PlatformErrorCode = 'BODY_TAMPERED';
    super(code, `The sealed body of ${id} is not what it should be: ${problem}.`, options);
  }
}

/** A wrapped key was not made for this private key, or was altered. */
export class KeyUnwrapError extends EnvelopeError {
  constructor(problem: string, options?: ErrorOptions) {
    const code: PlatformErrorCode = 'KEY_UNWRAP_FAILED';
    super(code, `The content key cannot be unwrapped: ${problem}.`, options);
  }
}

/** The public key of a recipient is no key. */
export class RecipientKeyError extends EnvelopeError {
  constructor(recipient: string, options?: ErrorOptions) {
    const code: PlatformErrorCode = 'RECIPIENT_KEY_INVALID';
    super(code, `The encryption key of ${recipient} is not a public key on P-256.`, options);
  }
}
