import {
  createTokenVerifier,
  type Caller,
  type TokenIssuer,
  type TokenVerifier,
} from '@medigraph/platform/identity';
import { setTimeout as delay } from 'node:timers/promises';
import { decodeJwt, exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';

/** Who issues the tokens of tests and benches. */
export const testIssuer = 'urn:medigraph:test';

/** Issues tokens as the platform does, expired ones too, and verifies them with the platform's own verifier. */
export class TestTokens implements TokenVerifier, Pick<TokenIssuer, 'jwks'> {
  readonly #privateKey: CryptoKey;
  readonly #publicKey: CryptoKey;
  readonly #verifier: TokenVerifier = createTokenVerifier({ issuer: testIssuer, keys: this });

  private constructor(privateKey: CryptoKey, publicKey: CryptoKey) {
    this.#privateKey = privateKey;
    this.#publicKey = publicKey;
  }

  static async create(): Promise<TestTokens> {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    return new TestTokens(privateKey, publicKey);
  }

  /** A value for `Authorization`, with other claims than a practitioner's if they are given. */
  async issue(lifetimeSeconds = 300, claims: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const token = await new SignJWT({
      role: 'practitioner',
      msp_id: 'HospitalAMSP',
      institution: 'hospital-a',
      sub: 'hospital-a/dr-test',
      ...claims,
    })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'test' })
      .setIssuer(testIssuer)
      .setAudience('medigraph')
      .setIssuedAt(Math.min(now, now + lifetimeSeconds))
      .setExpirationTime(now + lifetimeSeconds)
      .sign(this.#privateKey);
    return `Bearer ${token}`;
  }

  /** Resolves when a token that was issued just now for so long has expired. */
  async expiry(lifetimeSeconds: number): Promise<void> {
    const token = (await this.issue(lifetimeSeconds)).slice('Bearer '.length);
    const { exp = 0 } = decodeJwt(token);
    await delay(exp * 1000 - Date.now() + 50);
  }

  async jwks(): Promise<{ keys: object[] }> {
    return { keys: [{ ...(await exportJWK(this.#publicKey)), kid: 'test', alg: 'ES256' }] };
  }

  verify(token: string): Promise<Caller> {
    return this.#verifier.verify(token);
  }
}
