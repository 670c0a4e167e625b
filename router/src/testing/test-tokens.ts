import { UnauthenticatedError } from '../errors.js';
import { type Caller, type TokenVerifier } from '@medigraph/platform/identity';
import { exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';

/** Issues and verifies real tokens (ES256) for tests of the router. */
export class TestTokens implements TokenVerifier {
  readonly #keys: Awaited<ReturnType<typeof generateKeyPair>>;

  private constructor(keys: Awaited<ReturnType<typeof generateKeyPair>>) {
    this.#keys = keys;
  }

  static async create(): Promise<TestTokens> {
    return new TestTokens(await generateKeyPair('ES256', { extractable: true }));
  }

  /** A value for `Authorization`. */
  async issue(lifetimeSeconds = 300): Promise<string> {
    const token = await new SignJWT({ role: 'practitioner' })
      .setProtectedHeader({ alg: 'ES256' })
      .setSubject('hospital-a/dr-test')
      .setExpirationTime(Math.floor(Date.now() / 1000) + lifetimeSeconds)
      .sign(this.#keys.privateKey);
    return `Bearer ${token}`;
  }

  async jwks(): Promise<{ keys: object[] }> {
    return { keys: [await exportJWK(this.#keys.publicKey)] };
  }

  async verify(token: string): Promise<Caller> {
    try {
      const { payload } = await jwtVerify(token, this.#keys.publicKey, { algorithms: ['ES256'] });
      return {
        subject: payload.sub ?? '',
        role: 'practitioner',
        mspId: 'HospitalAMSP',
        institution: 'hospital-a',
        scopes: new Set(),
        expiresAt: payload.exp ?? 0,
      };
    } catch (cause) {
      throw new UnauthenticatedError('The token is not valid.', { cause });
    }
  }
}
