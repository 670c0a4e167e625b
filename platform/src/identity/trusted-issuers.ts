import { decodeJwt } from 'jose';
import { UnauthenticatedError } from './errors.js';
import { createTokenVerifier, type TokenVerifierOptions } from './token-verifier.js';
import { type TokenVerifier } from './tokens.js';

/** The issuer that a token names, before anything of it is verified. */
function claimedIssuer(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

/**
 * Verifies access tokens of several issuers, each by the keys of the one that the token names: a key of one issuer says
 * nothing for another.
 */
export function createTokenVerifiers([first, ...others]: readonly [
  TokenVerifierOptions,
  ...TokenVerifierOptions[],
]): TokenVerifier {
  const fallback = createTokenVerifier(first);
  const byIssuer = new Map([
    [first.issuer, fallback],
    ...others.map((options) => [options.issuer, createTokenVerifier(options)] as const),
  ]);
  return {
    async verify(token) {
      const issuer = claimedIssuer(token);
      // What names no issuer is malformed, and a verifier says best how.
      if (issuer === undefined) return fallback.verify(token);
      const verifier = byIssuer.get(issuer);
      if (!verifier)
        throw new UnauthenticatedError('iss', 'The access token is of an issuer that is not trusted.');
      return verifier.verify(token);
    },
  };
}
