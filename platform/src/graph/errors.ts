import { PlatformError } from '../errors/index.js';

/** The caller asked for something that cannot be asked. */
export class BadUserInput extends PlatformError {
  constructor(message: string, options?: ErrorOptions) {
    super('BAD_USER_INPUT', message, options);
  }
}

/** A cursor that no list or stream gave. */
export class CursorInvalid extends PlatformError {
  constructor(message: string, options?: ErrorOptions) {
    super('CURSOR_INVALID', message, options);
  }
}

/** No token, or none that holds. */
export class Unauthenticated extends PlatformError {
  constructor(message: string, options?: ErrorOptions) {
    super('UNAUTHENTICATED', message, options);
  }
}

/** The caller is known and may not do this. */
export class Forbidden extends PlatformError {
  constructor(message: string, options?: ErrorOptions) {
    super('FORBIDDEN', message, options);
  }
}

/** There is none, or none that the caller may see: the two are told alike. */
export class NotFound extends PlatformError {
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** A stream ends because the token of its subscriber has run out. */
export class TokenExpired extends PlatformError {
  constructor() {
    super('TOKEN_EXPIRED', 'The access token has expired; connect again with a new one and after: cursor.');
  }
}

/** The server is being stopped. */
export class ServerDraining extends PlatformError {
  constructor() {
    super('SERVER_DRAINING', 'The server is stopping; connect again with after: cursor.');
  }
}
