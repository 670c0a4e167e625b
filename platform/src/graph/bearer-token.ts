import { type Caller, type TokenVerifier, UnauthenticatedError } from '../identity/index.js';

/**
 * The caller that an `Authorization: Bearer …` value names.
 * @throws `UNAUTHENTICATED`
 */
export async function callerOf(authorization: unknown, tokens: TokenVerifier): Promise<Caller> {
  const token =
    typeof authorization === 'string' ? /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization)?.[1] : undefined;
  if (token === undefined)
    throw new UnauthenticatedError('missing', 'Send an access token: Authorization: Bearer TOKEN.');
  return tokens.verify(token);
}
