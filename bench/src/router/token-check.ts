import { createTokenVerifier, type TokenVerifier } from '@medigraph/platform/identity';
import { testIssuer } from '@medigraph/router/testing';

/** Takes every token. */
const anyToken: TokenVerifier = {
  verify: () =>
    Promise.resolve({
      subject: 'bench',
      role: 'insurer',
      mspId: 'InsurerAMSP',
      scopes: new Set(),
      expiresAt: Date.now() / 1000 + 3_600,
    }),
};

/**
 * How a process of the bench checks tokens: as the platform does, by the keys in `BENCH_JWKS`, the same for router and peers;
 * without keys, not at all.
 */
export function tokenCheck(): TokenVerifier {
  const keys = process.env['BENCH_JWKS'];
  if (keys === undefined || keys === '') return anyToken;
  return createTokenVerifier({
    issuer: testIssuer,
    keys: { jwks: () => Promise.resolve(JSON.parse(keys) as { keys: object[] }) },
  });
}
