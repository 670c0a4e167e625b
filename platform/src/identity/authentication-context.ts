import { type Caller } from './caller.js';

/** Authentication context class of who proved by more than one factor who they are. */
export const mfaContext = 'urn:medigraph:acr:mfa';

/** What the token of somebody says who has shown both factors just now. For issuers that vouch for it, such as that of scripts. */
export const bothFactorsNow = (): Pick<Caller, 'acr' | 'amr' | 'authenticatedAt'> => ({
  acr: mfaContext,
  amr: ['mfa'],
  authenticatedAt: Math.floor(Date.now() / 1000),
});
