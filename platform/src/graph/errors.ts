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
