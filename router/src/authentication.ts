import {
  IdentityUnavailableError,
  UnauthenticatedError as TokenRefusedError,
  type Caller,
  type TokenVerifier,
} from '@medigraph/platform/identity';
import { KeysUnavailableError, TokenExpiredError, UnauthenticatedError } from './errors.js';

/** Who asks: a verified caller with the header to forward, or nobody in particular. */
export interface Authentication {
  readonly caller?: Caller;
  /** The client's own `Authorization`, as the subgraphs are to get it. */
  readonly authorization?: string;
}

const bearer = /^Bearer ([\w~+/.-]+=*)$/i;

/** Reads and verifies what a client sent as `Authorization`. */
export class Authenticator {
  readonly #verifier: TokenVerifier;

  constructor(verifier: TokenVerifier) {
    this.#verifier = verifier;
  }

  /**
   * Without a header the client is anonymous; with one, it must be good.
   * @throws {@link UnauthenticatedError}, {@link TokenExpiredError}, {@link KeysUnavailableError}
   */
  async authenticate(authorization: string | undefined): Promise<Authentication> {
    if (authorization === undefined) return {};
    const token = bearer.exec(authorization)?.[1];
    if (token === undefined)
      throw new UnauthenticatedError('The Authorization header must be "Bearer <token>".');
    try {
      const caller = await this.#verifier.verify(token);
      // The verifier forgives clocks some seconds; streams are ended to the second, so the beginning is as strict.
      if (caller.expiresAt * 1000 <= Date.now()) throw new TokenExpiredError();
      return { caller, authorization };
    } catch (cause) {
      if (cause instanceof IdentityUnavailableError) throw new KeysUnavailableError({ cause });
      if (!(cause instanceof TokenRefusedError)) throw cause;
      if (cause.reason === 'expired') throw new TokenExpiredError({ cause });
      throw new UnauthenticatedError(cause.message, { cause });
    }
  }
}
