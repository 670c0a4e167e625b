import { createLocalJWKSet, type createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { BoundedCache } from '../cache/bounded-cache.js';
import { callerClaims, tokenAlgorithm, tokenType } from './access-token-claims.js';
import { type Caller } from './caller.js';
import { type ClaimNames, renamedClaims } from './claim-names.js';
import { discoveredKeys, keysAt } from './discovery.js';
import { IdentityUnavailableError, UnauthenticatedError } from './errors.js';
import { type TokenIssuer, type TokenVerifier } from './tokens.js';

export interface TokenVerifierOptions {
  readonly issuer: string;
  readonly audience?: string;
  /** Where the public keys are: at a URL, where the issuer's own metadata says, or with an issuer in this process. */
  readonly keys: URL | 'discovery' | Pick<TokenIssuer, 'jwks'>;
  /** Algorithms that the issuer signs with; ES256 alone unless given. */
  readonly algorithms?: readonly string[];
  /** How an issuer that does not know our claims names them. */
  readonly claimNames?: ClaimNames;
  /** Longest time since issue, in seconds; a day. */
  readonly maxAgeSeconds?: number;
  /** Longest time that a token counts as verified without looking again, in milliseconds; 30 s. */
  readonly rememberMs?: number;
}

type KeyLookup = ReturnType<typeof createRemoteJWKSet> | ReturnType<typeof createLocalJWKSet>;

/** Clocks of issuer and verifier may differ by this much. */
const clockToleranceSeconds = 5;
const tokensRemembered = 10_000;
/** Nothing that we issue comes near it; anything longer is not worth parsing. */
const longestToken = 8_192;

function keyLookup({ keys, issuer }: TokenVerifierOptions): () => Promise<KeyLookup> {
  if (keys === 'discovery') return discoveredKeys(issuer);
  if (keys instanceof URL) {
    const remote = keysAt(keys);
    return () => Promise.resolve(remote);
  }
  return async () => createLocalJWKSet(await keys.jwks());
}

/** What jose found wrong, as a reason and a sentence. */
function problemOf(error: unknown): [reason: string, message: string] {
  if (error instanceof errors.JWTExpired) return ['expired', 'The access token has expired.'];
  if (error instanceof errors.JWTClaimValidationFailed) {
    return [error.claim, `The access token has no acceptable claim ${error.claim}.`];
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return ['algorithm', 'The access token is not signed with an algorithm that is accepted.'];
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return ['signature', 'The signature of the access token is not valid.'];
  }
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
    return ['key', 'The access token is signed with a key that its issuer does not publish.'];
  }
  return ['malformed', 'The access token is not a signed JWT.'];
}

/** True if the keys, rather than the token, were the problem. */
function keysUnavailable(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return true;
  // What is wrong with a token is always an error of jose's own with a code of its own; a failed fetch never is.
  return !(error instanceof errors.JOSEError) || error.code === errors.JOSEError.code;
}

class JoseTokenVerifier implements TokenVerifier {
  readonly #options: TokenVerifierOptions;
  readonly #keys: () => Promise<KeyLookup>;
  readonly #verified = new BoundedCache<string, { caller: Caller; until: number }>(tokensRemembered);

  constructor(options: TokenVerifierOptions) {
    this.#options = options;
    this.#keys = keyLookup(options);
  }

  async verify(token: string): Promise<Caller> {
    const known = this.#verified.get(token);
    const now = Date.now();
    if (known && now < known.until) return known.caller;
    const caller = await this.#verify(token);
    const until = Math.min(caller.expiresAt * 1000, now + (this.#options.rememberMs ?? 30_000));
    this.#verified.set(token, { caller, until });
    return caller;
  }

  async #verify(token: string): Promise<Caller> {
    if (token === '') throw new UnauthenticatedError('missing', 'There is no access token.');
    if (token.length > longestToken)
      throw new UnauthenticatedError('malformed', 'The access token is too long.');
    const { issuer, audience = 'medigraph', maxAgeSeconds = 86_400, claimNames } = this.#options;
    const { algorithms = [tokenAlgorithm] } = this.#options;
    const payload = await this.#keys()
      .then((keys) =>
        jwtVerify(token, keys, {
          issuer,
          audience,
          algorithms: [...algorithms],
          typ: tokenType,
          requiredClaims: ['sub', 'exp', 'iat', ...(claimNames ? [] : ['role', 'msp_id'])],
          maxTokenAge: maxAgeSeconds,
          clockTolerance: clockToleranceSeconds,
        }),
      )
      .then((verified) => verified.payload)
      .catch((error: unknown) => {
        if (keysUnavailable(error)) throw new IdentityUnavailableError({ cause: error });
        const [reason, message] = problemOf(error);
        throw new UnauthenticatedError(reason, message, { cause: error });
      });
    const caller = callerClaims.safeParse(claimNames ? renamedClaims(payload, claimNames) : payload);
    if (!caller.success) {
      throw new UnauthenticatedError(
        'claims',
        `The access token names no caller: ${z.prettifyError(caller.error)}`,
      );
    }
    return caller.data;
  }
}

/** Verifies access tokens of one issuer. */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  return new JoseTokenVerifier(options);
}
