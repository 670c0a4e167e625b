import { type Caller, type TokenVerifier } from '@medigraph/platform/identity';
import { TokenExpiredError, UnauthenticatedError } from './errors.js';

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
   * @throws {@link UnauthenticatedError}, {@link TokenExpiredError}
   */
  async authenticate(authorization: string | undefined): Promise<Authentication> {
    if (authorization === undefined) return {};
    const token = bearer.exec(authorization)?.[1];
    if (token === undefined)
      throw new UnauthenticatedError('The Authorization header must be "Bearer <token>".');
    try {
      return { caller: await this.#verifier.verify(token), authorization };
    } catch (cause) {
      if (isExpired(token)) throw new TokenExpiredError({ cause });
      throw new UnauthenticatedError('The access token is not valid.', { cause });
    }
  }
}

/** Whether a refused token says of itself that it has expired: it only decides what its holder is told. */
function isExpired(token: string): boolean {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const expires =
      typeof payload === 'object' && payload !== null && 'exp' in payload ? payload.exp : undefined;
    return typeof expires === 'number' && expires * 1000 <= Date.now();
  } catch {
    return false;
  }
}
