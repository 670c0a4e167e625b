import { operateScope } from '@medigraph/schema';
import { type Provider } from 'oidc-provider';
import { type AccountStore } from '../accounts/account-store.js';
import { type Exchange } from '../http/exchange.js';
import { stepUpReason } from '../provider/interaction-policy.js';
import { scopesOfRole } from '../provider/scopes.js';
import { contextClassOf, type Method, methodReferences } from './authentication.js';

/** What an authorisation request asks of whoever is at the browser. */
export interface SignInRequest {
  readonly uid: string;
  readonly prompt: 'login' | 'consent';
  readonly clientId: string;
  readonly clientName: string;
  /** Authentication context classes that were asked for. */
  readonly wanted: readonly string[];
  readonly loginHint: string;
  /** Scopes to be allowed. */
  readonly scopes: readonly string[];
  /** Somebody who signed in before, and is asked for more. */
  readonly stepUp?: { readonly subject: string; readonly methods: readonly Method[] };
  /** Origins to which an answer leads on. */
  readonly destinations: readonly string[];
}

interface Missing {
  readonly missingOIDCScope?: readonly string[];
  readonly missingResourceScopes?: Readonly<Record<string, readonly string[]>>;
}

type Details = Awaited<ReturnType<Provider['interactionDetails']>>;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const methods = new Set<unknown>(['pwd', 'otp', 'hwk', 'swk', 'user']);
const isMethod = (value: unknown): value is Method => methods.has(value);

/** The interactions of the protocol, as the pages see them. */
export class Interactions {
  readonly #provider: () => Provider;
  readonly #accounts: AccountStore;

  /** @param provider - asked for each time, since a rotation of keys makes another */
  constructor(provider: () => Provider, accounts: AccountStore) {
    this.#provider = provider;
    this.#accounts = accounts;
  }

  /** @throws what `oidc-provider` throws for an interaction that has ended or is another browser's. */
  async read({ request, response }: Exchange): Promise<SignInRequest> {
    const details = await this.#provider().interactionDetails(request, response);
    const { uid, prompt, params, session } = details;
    const clientId = textOf(params['client_id']);
    const client = await this.#provider().Client.find(clientId);
    const isStepUp = prompt.name === 'login' && prompt.reasons.every((reason) => reason === stepUpReason);
    const { amr } = (session ?? {}) as { amr?: readonly unknown[] };
    return {
      uid,
      prompt: prompt.name === 'consent' ? 'consent' : 'login',
      clientId,
      clientName: client?.clientName ?? clientId,
      wanted: textOf(params['acr_values']).split(' '),
      loginHint: textOf(params['login_hint']).slice(0, 64),
      scopes: await this.#scopesOf(details),
      ...(isStepUp &&
        session && { stepUp: { subject: session.accountId, methods: (amr ?? []).filter(isMethod) } }),
      destinations: originsOf(params['redirect_uri']),
    };
  }

  /** Ends the sign-in: this is who they are, and how they proved it. */
  async signedIn(
    { request, response }: Exchange,
    accountId: string,
    proved: readonly Method[],
  ): Promise<void> {
    const login = {
      accountId,
      acr: contextClassOf(proved),
      amr: methodReferences(proved),
      remember: true,
    };
    await this.#provider().interactionFinished(
      request,
      response,
      { login },
      { mergeWithLastSubmission: false },
    );
  }

  /** Grants what was asked for. */
  async consent({ request, response }: Exchange, { clientId }: SignInRequest): Promise<void> {
    const provider = this.#provider();
    const details = await provider.interactionDetails(request, response);
    const accountId = details.session?.accountId;
    const known = details.grantId === undefined ? undefined : await provider.Grant.find(details.grantId);
    const grant = known ?? new provider.Grant({ accountId, clientId });
    const { missingOIDCScope, missingResourceScopes } = details.prompt.details as Missing;
    if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(' '));
    for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {}))
      grant.addResourceScope(resource, scopes.join(' '));
    const consent = { grantId: await grant.save() };
    await provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
  }

  async refuse({ request, response }: Exchange): Promise<void> {
    const result = { error: 'access_denied', error_description: 'whoever was asked did not allow it' };
    await this.#provider().interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }

  /** What consent is asked for, without what means nothing for whoever is asked. */
  async #scopesOf({ prompt, session }: Details): Promise<string[]> {
    const { missingOIDCScope = [], missingResourceScopes = {} } = prompt.details as Missing;
    const resource = Object.values(missingResourceScopes).flat();
    const account = session && (await this.#accounts.find(session.accountId));
    const meaningful = account
      ? scopesOfRole(resource, account.holder.role)
      : resource.filter((scope) => scope !== operateScope);
    return [...missingOIDCScope, ...meaningful];
  }
}

function originsOf(uri: unknown): string[] {
  const url = URL.parse(textOf(uri));
  // Applications on phones are come back to by schemes of their own, which have no origin.
  return url ? [url.origin === 'null' ? url.protocol : url.origin] : [];
}
