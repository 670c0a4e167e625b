import { type Exchange } from '../http/exchange.js';
import { type Route } from '../http/routes.js';
import { type Log } from '../log.js';
import { claimPage, messagePage } from '../pages/message-pages.js';
import { textsIn } from '../pages/texts/index.js';
import { type Account, username as usernameSchema } from './account.js';
import { type AccountStore } from './account-store.js';
import { hashPassword, longestPassword, shortestPassword } from './passwords.js';
import { AccountRefusal } from './refusals.js';

/** How the holder of an account makes it theirs: an invitation, a name, a password. */
export class ClaimEndpoints {
  readonly #accounts: AccountStore;
  readonly #log: Log;

  constructor(accounts: AccountStore, log: Log) {
    this.#accounts = accounts;
    this.#log = log;
  }

  get routes(): Route[] {
    return [
      {
        method: 'GET',
        path: '/claim/:code',
        handle: (exchange, { code = '' }) => this.#show(exchange, code),
      },
      {
        method: 'POST',
        path: '/claim/:code',
        handle: (exchange, { code = '' }) => this.#claim(exchange, code),
      },
    ];
  }

  async #show(exchange: Exchange, code: string): Promise<void> {
    const account = await this.#accounts.invited(code);
    if (account) this.#page(exchange, code, account, 200);
    else this.#invalid(exchange);
  }

  async #claim(exchange: Exchange, code: string): Promise<void> {
    const form = await exchange.form();
    const account = await this.#accounts.invited(code);
    if (!account) {
      this.#invalid(exchange);
      return;
    }
    const texts = textsIn(exchange.language);
    const typed = form.get('username') ?? '';
    const name = usernameSchema.safeParse(account.username ?? typed);
    const password = form.get('password') ?? '';
    const refuse = (wrong: string) => this.#page(exchange, code, account, 422, { typed, wrong });
    if (!name.success) {
      refuse(texts.usernameWrong);
      return;
    }
    if (password.length < shortestPassword || password.length > longestPassword) {
      refuse(texts.passwordTooShort);
      return;
    }
    const hash = await hashPassword(password);
    const { subject } = account.holder;
    try {
      await this.#accounts.change(subject, (now) => ({ ...now, username: name.data }));
    } catch (error) {
      if (!(error instanceof AccountRefusal)) throw error;
      refuse(texts.usernameTaken);
      return;
    }
    if (!(await this.#accounts.useInvitation(code))) {
      this.#invalid(exchange);
      return;
    }
    await this.#accounts.change(subject, (now) => ({ ...now, password: hash }));
    this.#log.info('account.claimed', { subject });
    exchange.page(200, messagePage(texts, texts.claimed, texts.claimedHow));
  }

  #page(
    exchange: Exchange,
    code: string,
    { username }: Account,
    status: number,
    { typed = '', wrong }: { typed?: string; wrong?: string } = {},
  ): void {
    const view = { username: username ?? typed, fixed: username !== undefined, wrong };
    exchange.page(status, claimPage(textsIn(exchange.language), `/claim/${encodeURIComponent(code)}`, view));
  }

  #invalid(exchange: Exchange): void {
    const texts = textsIn(exchange.language);
    exchange.page(410, messagePage(texts, texts.claim, texts.invitationInvalid));
  }
}
