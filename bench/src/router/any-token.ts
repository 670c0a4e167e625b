import { type TokenVerifier } from '@medigraph/platform/identity';

/** Takes every token: what verification costs falls on router and peer alike, and is not what this bench is about. */
export const anyToken: TokenVerifier = {
  verify: () =>
    Promise.resolve({
      subject: 'bench',
      role: 'insurer',
      mspId: 'InsurerAMSP',
      scopes: new Set(),
      expiresAt: Date.now() / 1000 + 3_600,
    }),
};
