import { createHash, randomUUID, sign, verify, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose';
import { z } from 'zod';
import { callerClaims, claimsOf } from './access-token-claims.js';
import { type Caller } from './caller.js';
import { UnauthenticatedError } from './errors.js';
import { SeenOnce } from './seen-once.js';

/** Header of a request to a subgraph that carries the router's assertion. */
export const assertionHeader = 'x-medigraph-assertion';

const assertionType = 'medigraph-router+jwt';
const algorithm = 'ES256';
/** Signatures as JOSE writes them: two numbers side by side. */
const dsaEncoding = 'ieee-p1363';
/** How old an assertion may be, and by how much the clocks of router and subgraph may differ. */
const maxAgeSeconds = 30;
const clockToleranceSeconds = 5;
const longestAssertion = 16_384;

/** What an assertion is about. */
export interface AssertedRequest {
  /** Name of the subgraph in the supergraph. */
  readonly subgraph: string;
  /** The body, to the byte; for what is streamed, {@link assertedPage}. */
  readonly body: string;
}

/**
 * What stands for the body where one is streamed and cannot be signed beforehand. It is not JSON, so no operation is ever
 * taken for a page.
 * @param target - Path and query, as they are sent.
 */
export function assertedPage(method: string, target: string): string {
  return `${method} ${target}`;
}

const payloadShape = z.object({
  aud: z.string(),
  iat: z.number(),
  jti: z.string().min(1).max(64),
  /** SHA-256 of the body, base64url. */
  body: z.string(),
  caller: z.unknown(),
});

/**
 * Asserts to subgraphs who calls: a JWS (RFC 7515, ES256) over subgraph, digest of the body, the caller's claims, time and a nonce.
 * It is made with `node:crypto`, synchronously: a signature takes some 30 µs of a core.
 */
export class AssertionSigner {
  readonly #key: KeyObject;
  readonly #header: string;
  readonly #publicJwk: JWK;
  readonly #claims = new WeakMap<Caller, string>();

  private constructor(key: KeyObject, publicJwk: JWK) {
    this.#key = key;
    this.#publicJwk = publicJwk;
    this.#header = encoded(JSON.stringify({ alg: algorithm, typ: assertionType, kid: publicJwk.kid }));
  }

  /** @param key - a P-256 private key. @throws where it is none */
  static async create(key: KeyObject): Promise<AssertionSigner> {
    if (key.type !== 'private' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
      throw new Error('The key that assertions are signed with must be a private P-256 key.');
    const { kty, crv, x, y } = await exportJWK(key);
    const publicJwk: JWK = { kty, crv, x, y };
    return new AssertionSigner(key, { ...publicJwk, kid: await calculateJwkThumbprint(publicJwk) });
  }

  /** What subgraphs verify with. */
  get jwks(): { readonly keys: readonly JWK[] } {
    return { keys: [{ ...this.#publicJwk, alg: algorithm, use: 'sig' }] };
  }

  /** The value of {@link assertionHeader}. */
  sign(caller: Caller | undefined, { subgraph, body }: AssertedRequest): string {
    const payload =
      `{"aud":${JSON.stringify(subgraph)},"iat":${Math.floor(Date.now() / 1000)},"jti":"${randomUUID()}",` +
      `"body":"${digestOf(body)}","caller":${caller ? this.#claimsOf(caller) : 'null'}}`;
    const input = `${this.#header}.${encoded(payload)}`;
    const signature = sign('sha256', Buffer.from(input), { key: this.#key, dsaEncoding });
    return `${input}.${signature.toString('base64url')}`;
  }

  /** A caller is the same object for as long as their token is remembered. */
  #claimsOf(caller: Caller): string {
    let claims = this.#claims.get(caller);
    if (claims === undefined) {
      const { expiresAt, scopes, ...who } = caller;
      claims = JSON.stringify({ ...claimsOf({ ...who, scopes: [...scopes] }), exp: expiresAt });
      this.#claims.set(caller, claims);
    }
    return claims;
  }
}

/** Verifies assertions of the routers whose keys it knows; each is good for one request. */
export class AssertionVerifier {
  readonly #subgraph: string;
  readonly #keys: ReadonlyMap<string, KeyObject>;
  readonly #seen = new SeenOnce((maxAgeSeconds + clockToleranceSeconds) * 1000);

  /**
   * @param subgraph - name of the subgraph that verifies.
   * @param keys - public keys of its routers, by their `kid`.
   */
  constructor(subgraph: string, keys: ReadonlyMap<string, KeyObject>) {
    this.#subgraph = subgraph;
    this.#keys = keys;
  }

  /** @returns who calls; undefined for nobody. @throws {@link UnauthenticatedError} */
  verify(assertion: string, body: string): Caller | undefined {
    const { aud, iat, jti, body: digest, caller } = this.#read(assertion);
    const now = Date.now() / 1000;
    if (aud !== this.#subgraph) throw refused('audience', 'is for another subgraph');
    if (digest !== digestOf(body)) throw refused('body', 'is for another request');
    if (iat > now + clockToleranceSeconds || iat < now - maxAgeSeconds - clockToleranceSeconds)
      throw refused('time', 'is not of now');
    if (caller === null) return this.#once(jti, undefined);
    const parsed = callerClaims.safeParse(caller);
    if (!parsed.success) throw refused('claims', 'names no caller');
    if (parsed.data.expiresAt <= now)
      throw new UnauthenticatedError('expired', 'The access token has expired.');
    return this.#once(jti, parsed.data);
  }

  #once(nonce: string, caller: Caller | undefined): Caller | undefined {
    if (!this.#seen.first(nonce)) throw refused('replay', 'was used before');
    return caller;
  }

  #read(assertion: string): z.output<typeof payloadShape> {
    if (assertion.length > longestAssertion) throw refused('malformed', 'is too long');
    const [header = '', payload = '', signature = '', ...rest] = assertion.split('.');
    const { alg, typ, kid } = json(header) ?? {};
    if (rest.length > 0 || alg !== algorithm || typ !== assertionType || typeof kid !== 'string')
      throw refused('malformed', 'is none');
    const key = this.#keys.get(kid);
    if (!key) throw refused('key', 'is signed with a key that is not known here');
    const signed = Buffer.from(`${header}.${payload}`);
    if (!verify('sha256', signed, { key, dsaEncoding }, Buffer.from(signature, 'base64url')))
      throw refused('signature', 'has a signature that is not valid');
    const parsed = payloadShape.safeParse(json(payload));
    if (!parsed.success) throw refused('malformed', 'does not say what it must');
    return parsed.data;
  }
}

function refused(reason: string, how: string): UnauthenticatedError {
  return new UnauthenticatedError(reason, `The router's assertion ${how}.`);
}

function digestOf(body: string): string {
  return createHash('sha256').update(body).digest('base64url');
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function json(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
