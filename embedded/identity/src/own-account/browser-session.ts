import { createHash, randomBytes } from 'node:crypto';
import { type Provider } from 'oidc-provider';
import { type Account, hasSecondFactor } from '../accounts/account.js';
import { type AccountStore } from '../accounts/account-store.js';
import { accountClientId } from '../clients/client-store.js';
import { type Exchange } from '../http/exchange.js';
import { satisfies, secondFactorClass } from '../sign-in/authentication.js';

/** Seconds since a sign-in within which somebody may change how they sign in. */
const freshSeconds = 600;

/** Somebody who has just signed in at this browser. */
export interface Present {
  readonly account: Account;
  /** Names what is under way for them; ends with their session. */
  readonly attempt: string;
}

/** Who is at the browser, surely enough to change how they sign in. */
export class BrowserSession {
  readonly #provider: () => Provider;
  readonly #accounts: AccountStore;

  /** @param provider - asked for each time, since a rotation of keys makes another */
  constructor(provider: () => Provider, accounts: AccountStore) {
    this.#provider = provider;
    this.#accounts = accounts;
  }

  /** Undefined where nobody is signed in, or too long ago, or without the second factor that they have. */
  async present(exchange: Exchange): Promise<Present | undefined> {
    const session = await this.#sessionOf(exchange);
    const account =
      session.accountId === undefined ? undefined : await this.#accounts.find(session.accountId);
    if (!account || account.disabled) return undefined;
    const since = Math.floor(Date.now() / 1000) - (session.loginTs ?? 0);
    if (since > freshSeconds || (session.loginTs ?? 0) < (account.signedOutBefore ?? 0)) return undefined;
    if (hasSecondFactor(account) && !satisfies(session.acr, [secondFactorClass])) return undefined;
    return { account, attempt: `account-${session.uid}` };
  }

  /**
   * Where to sign in for the account page: an authorisation request as any client's. The code with which the browser comes
   * back is not redeemed, since the session that it stands for is here already.
   */
  async signInAddress(exchange: Exchange, returnTo: string): Promise<string> {
    const session = await this.#sessionOf(exchange);
    const account =
      session.accountId === undefined ? undefined : await this.#accounts.find(session.accountId);
    const query = new URLSearchParams({
      client_id: accountClientId,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: returnTo,
      max_age: String(freshSeconds),
      code_challenge: createHash('sha256').update(randomBytes(32)).digest('base64url'),
      code_challenge_method: 'S256',
      ...(account && hasSecondFactor(account) && { acr_values: secondFactorClass }),
    });
    return `${this.#provider().pathFor('authorization')}?${query}`;
  }

  /** Where this browser is signed out. */
  get signOutAddress(): string {
    return this.#provider().pathFor('end_session');
  }

  async #sessionOf({ request, response }: Exchange) {
    const provider = this.#provider();
    return provider.Session.get(provider.createContext(request, response));
  }
}
