import { PlatformError } from '../errors/index.js';

/** The caller asked for something that cannot be asked. */
export class BadUserInput extends PlatformError {
  constructor(message: string, options?: ErrorOptions) {
    super('BAD_USER_INPUT', message, options);
  }
}

/** The caller is known and may not do this. */
export class Forbidden extends PlatformError {
  constructor(message: string, options?: ErrorOptions) {
    super('FORBIDDEN', message, options);
  }
}

/** The caller must sign in more surely, or again, to do this (RFC 9470). */
export class StepUpRequired extends PlatformError {
  /** Told to the client, which asks its user to sign in so. */
  override readonly extensions: { readonly acrValues: readonly string[]; readonly maxAge?: number };

  /**
   * @param acrValues - authentication context classes that would do.
   * @param maxAge - since the caller last signed in, in seconds.
   */
  constructor(acrValues: readonly string[], maxAge?: number) {
    super('STEP_UP_REQUIRED', 'Sign in more surely, or again: come back with a token that says so.');
    this.extensions = { acrValues, ...(maxAge !== undefined && { maxAge }) };
  }
}

/** A stream ends because the token of its subscriber has run out. */
export class TokenExpired extends PlatformError {
  constructor() {
    super('TOKEN_EXPIRED', 'The access token has expired; connect again with a new one and after: cursor.');
  }
}

/** A stream ends because its subscriber may no longer see what it was narrowed to. */
export class AccessEnded extends PlatformError {
  constructor() {
    super('ACCESS_ENDED', 'Your access to what this subscription is about has ended.');
  }
}

/** Another call writes the entry at the same time, and has not come to an end for a while. */
export class EntryBeingWritten extends PlatformError {
  constructor(id: string) {
    super('ENTRY_BEING_WRITTEN', `Entry ${id} is being written by another call; send it again in a moment.`);
  }
}
