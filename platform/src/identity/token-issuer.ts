import { randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose';
import { z } from 'zod';
import { callerClaims, claimsOf, tokenAlgorithm, tokenType } from './access-token-claims.js';
import { KeyUnreadableError, UnauthenticatedError } from './errors.js';
import { type SealedStore } from './sealed-store.js';
import { type TokenIssuer } from './tokens.js';

const storedName = 'token-keys';

/** Keys that still verify tokens after a rotation. */
const keysPublished = 3;

const privateJwk = z.strictObject({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  d: z.string(),
  kid: z.string(),
});
type PrivateJwk = z.infer<typeof privateJwk>;
const storedKeys = z.array(privateJwk).min(1);

export interface TokenIssuerOptions {
  readonly store: SealedStore;
  readonly issuer: string;
  readonly audience?: string;
}

/** A {@link TokenIssuer} whose keys can be rotated. */
export interface RotatingTokenIssuer extends TokenIssuer {
  /** Signs with a new key from now on; tokens of the last keys stay valid until they expire. */
  rotate(): Promise<void>;
}

async function newKey(): Promise<PrivateJwk> {
  const { privateKey } = await generateKeyPair(tokenAlgorithm, { extractable: true });
  const jwk = await exportJWK(privateKey);
  return privateJwk.parse({ ...jwk, kid: await calculateJwkThumbprint(jwk) });
}

const publicPart = ({ kty, crv, x, y, kid }: PrivateJwk): JWK => ({
  kty,
  crv,
  x,
  y,
  kid,
  alg: tokenAlgorithm,
  use: 'sig',
});

async function readKeys(store: SealedStore): Promise<[PrivateJwk, ...PrivateJwk[]] | undefined> {
  const stored = await store.read(storedName);
  if (!stored) return undefined;
  const [newest, ...older] = storedKeys.safeParse(JSON.parse(stored.toString())).data ?? [];
  if (!newest) throw new KeyUnreadableError(storedName);
  return [newest, ...older];
}

const bytesOf = (keys: readonly PrivateJwk[]): Buffer => Buffer.from(JSON.stringify(keys));

class SealedTokenIssuer implements RotatingTokenIssuer {
  readonly #store: SealedStore;
  readonly #issuer: string;
  readonly #audience: string;
  #keys: readonly [PrivateJwk, ...PrivateJwk[]];

  private constructor(options: TokenIssuerOptions, keys: readonly [PrivateJwk, ...PrivateJwk[]]) {
    this.#store = options.store;
    this.#issuer = options.issuer;
    this.#audience = options.audience ?? 'medigraph';
    this.#keys = keys;
  }

  static async open(options: TokenIssuerOptions): Promise<SealedTokenIssuer> {
    const { store } = options;
    await store.writeOnce(storedName, bytesOf([await newKey()]));
    const keys = await readKeys(store);
    if (!keys) throw new KeyUnreadableError(storedName);
    return new SealedTokenIssuer(options, keys);
  }

  async issue(caller: Parameters<TokenIssuer['issue']>[0], lifetimeSeconds: number): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const claims = { ...claimsOf(caller), exp: now + lifetimeSeconds };
    const checked = callerClaims.safeParse(claims);
    if (!checked.success) {
      throw new UnauthenticatedError(
        'claims',
        `No token for such a caller: ${z.prettifyError(checked.error)}`,
      );
    }
    const [newest] = this.#keys;
    return new SignJWT(claims)
      .setProtectedHeader({ alg: tokenAlgorithm, typ: tokenType, kid: newest.kid })
      .setIssuer(this.#issuer)
      .setAudience(this.#audience)
      .setIssuedAt(now)
      .setJti(randomUUID())
      .sign(await importJWK(newest, tokenAlgorithm));
  }

  jwks(): Promise<{ keys: object[] }> {
    return Promise.resolve({ keys: this.#keys.map(publicPart) });
  }

  async rotate(): Promise<void> {
    const keys = [await newKey(), ...this.#keys.slice(0, keysPublished - 1)] as const;
    await this.#store.write(storedName, bytesOf(keys));
    this.#keys = keys;
  }
}

/** An issuer of access tokens whose key is made at first use and sealed in the store. */
export function createTokenIssuer(options: TokenIssuerOptions): Promise<RotatingTokenIssuer> {
  return SealedTokenIssuer.open(options);
}
