import { type Caller, type TokenVerifier } from '../identity/index.js';
import { Unauthenticated } from './errors.js';

/**
 * The caller that an `Authorization: Bearer …` value names.
 * @throws `UNAUTHENTICATED`
 */
export async function callerOf(authorization: unknown, tokens: TokenVerifier): Promise<Caller> {
  const token =
    typeof authorization === 'string' ? /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization)?.[1] : undefined;
  if (token === undefined) throw new Unauthenticated('Send an access token: Authorization: Bearer TOKEN.');
  return tokens.verify(token);
}
