import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { type AccountStore } from '../accounts/account-store.js';
import { type ClientStore } from '../clients/client-store.js';
import { isFirstParty } from '../clients/client.js';
import { satisfies } from '../sign-in/authentication.js';

const { base, Check } = interactionPolicy;

/** Name of the reason for which somebody who has signed in is asked for their second factor. */
export const stepUpReason = 'step_up';

/** Name of the reason for which somebody signs in again: they ended what was signed in before. */
export const signedOutReason = 'signed_out';

/**
 * When people are asked something: the protocol's own reasons, a class of authentication that was asked for, and a session
 * that its account has ended.
 */
export function policyOf(clients: ClientStore, accounts: AccountStore): ReturnType<typeof base> {
  const policy = base();
  policy.get('login')?.checks.add(
    new Check(signedOutReason, 'the session was ended', async ({ oidc }: KoaContextWithOIDC) => {
      const { accountId, loginTs = 0 } = oidc.session ?? {};
      const account = accountId === undefined ? undefined : await accounts.find(accountId);
      return loginTs < (account?.signedOutBefore ?? 0) ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT;
    }),
  );
  policy.get('login')?.checks.add(
    new Check(stepUpReason, 'the second factor is asked for', ({ oidc }: KoaContextWithOIDC) => {
      const { session, params } = oidc;
      if (session?.accountId === undefined) return Check.NO_NEED_TO_PROMPT;
      const wanted = typeof params?.['acr_values'] === 'string' ? params['acr_values'].split(' ') : [];
      return satisfies(session.acr, wanted) ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT;
    }),
  );
  const consent = policy.get('consent');
  consent?.checks.remove('native_client_prompt');
  consent?.checks.add(
    new Check(
      'native_client_prompt',
      'whoever uses a native application is asked each time, since others can pass for it',
      'interaction_required',
      async ({ oidc }: KoaContextWithOIDC) => {
        if (oidc.client?.applicationType !== 'native' || oidc.result?.consent) return Check.NO_NEED_TO_PROMPT;
        const client = await clients.find(oidc.client.clientId);
        return client && isFirstParty(client) ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT;
      },
    ),
  );
  return policy;
}
