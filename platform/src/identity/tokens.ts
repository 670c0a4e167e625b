import { type Caller } from './caller.js';

/** Verifies access tokens: JWT, ES256, keys from the issuer's JWKS. Shared by the router and every subgraph. */
export interface TokenVerifier {
  /** @throws a `PlatformError` coded `UNAUTHENTICATED` that says what is wrong with the token. */
  verify(token: string): Promise<Caller>;
}

/** Issues access tokens for scripts and the sample population, until sign-in exists. */
export interface TokenIssuer {
  issue(
    caller: Omit<Caller, 'expiresAt' | 'scopes'> & { scopes: readonly string[] },
    lifetimeSeconds: number,
  ): Promise<string>;
  /** Public keys, as `/.well-known/jwks.json` serves them. */
  jwks(): Promise<{ keys: object[] }>;
}
