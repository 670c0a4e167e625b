import { type Account, hasSecondFactor } from '../accounts/account.js';
import { type AccountStore } from '../accounts/account-store.js';
import { hashPassword, longestPassword, passwordMatches, shortestPassword } from '../accounts/passwords.js';
import { type Exchange } from '../http/exchange.js';
import { type Route } from '../http/routes.js';
import { type Log } from '../log.js';
import { accountPage, newAppPage, newCodesPage } from '../pages/account-pages.js';
import { messagePage } from '../pages/message-pages.js';
import { filled, textsIn } from '../pages/texts/index.js';
import { type Attempts } from '../sign-in/attempt.js';
import { type GuessGuard } from '../sign-in/guess-guard.js';
import { type Passkeys } from '../sign-in/passkeys.js';
import { newRecoveryCodes } from '../sign-in/recovery-codes.js';
import { newTotpSecret, stepOfCode, totpPicture } from '../sign-in/totp.js';
import { type BrowserSession, type Present } from './browser-session.js';

export interface AccountParts {
  readonly issuer: string;
  readonly session: BrowserSession;
  readonly accounts: AccountStore;
  readonly attempts: Attempts;
  readonly guard: GuessGuard;
  readonly passkeys: Passkeys;
  readonly log: Log;
}

/** What there is to say after a change, or instead of one. */
interface Said {
  readonly done?: string;
  readonly problem?: string;
}

export const accountPath = '/account';

/** The page on which people change how they sign in: password, passkeys, authenticator app, recovery codes. */
export class AccountEndpoints {
  readonly #parts: AccountParts;

  constructor(parts: AccountParts) {
    this.#parts = parts;
  }

  get routes(): Route[] {
    const post = (
      path: string,
      handle: (exchange: Exchange, form: URLSearchParams, present: Present) => Promise<void>,
    ): Route => ({
      method: 'POST',
      path: `${accountPath}${path}`,
      handle: async (exchange) => {
        const form = await exchange.form();
        const present = await this.#parts.session.present(exchange);
        if (present) await handle(exchange, form, present);
        else exchange.redirect(accountPath);
      },
    });
    const script = (
      path: string,
      handle: (exchange: Exchange, present: Present) => Promise<void>,
    ): Route => ({
      method: 'POST',
      path: `${accountPath}${path}`,
      handle: async (exchange) => {
        exchange.requireOwnOrigin();
        const present = await this.#parts.session.present(exchange);
        if (present) await handle(exchange, present);
        else exchange.answer(401, { error: 'sign_in_first' });
      },
    });
    return [
      { method: 'GET', path: accountPath, handle: (exchange) => this.#open(exchange) },
      post('/password', (exchange, form, present) => this.#changePassword(exchange, form, present)),
      post('/passkey/remove', (exchange, form, present) => this.#removePasskey(exchange, form, present)),
      script('/passkey/options', (exchange, present) => this.#passkeyOptions(exchange, present)),
      script('/passkey', (exchange, present) => this.#addPasskey(exchange, present)),
      post('/app', (exchange, _form, present) => this.#offerApp(exchange, present)),
      post('/app/confirm', (exchange, form, present) => this.#confirmApp(exchange, form, present)),
      post('/app/remove', (exchange, _form, present) => this.#removeApp(exchange, present)),
      post('/recovery-codes', (exchange, _form, present) => this.#renewCodes(exchange, present)),
    ];
  }

  async #open(exchange: Exchange): Promise<void> {
    const { session, issuer } = this.#parts;
    const { searchParams } = new URL(exchange.request.url ?? accountPath, issuer);
    const present = await session.present(exchange);
    // Came back from signing in: the address is made clean, so that a reload asks nothing anew.
    if (present && searchParams.size > 0) exchange.redirect(accountPath);
    else if (present) this.#show(exchange, present.account);
    else if (searchParams.has('error') || searchParams.has('code')) this.#notSignedIn(exchange);
    else exchange.redirect(await session.signInAddress(exchange, issuer + accountPath));
  }

  #notSignedIn(exchange: Exchange): void {
    const texts = textsIn(exchange.language);
    exchange.page(401, messagePage(texts, texts.account, texts.accountSignIn));
  }

  #show(exchange: Exchange, account: Account, said: Said = {}, status = 200): void {
    exchange.page(
      status,
      accountPage({
        texts: textsIn(exchange.language),
        base: accountPath,
        account,
        signOut: this.#parts.session.signOutAddress,
        ...said,
      }),
    );
  }

  async #changePassword(exchange: Exchange, form: URLSearchParams, { account }: Present): Promise<void> {
    const { accounts, guard, log } = this.#parts;
    const texts = textsIn(exchange.language);
    const { subject } = account.holder;
    const password = form.get('new-password') ?? '';
    if (password.length < shortestPassword || password.length > longestPassword) {
      this.#show(exchange, account, { problem: texts.passwordTooShort }, 422);
      return;
    }
    const name = account.username ?? subject;
    const wait = await guard.attempt('password', name);
    if (wait > 0) {
      const problem = filled(texts.tooManyAttempts, { seconds: Math.ceil(wait / 1000) });
      this.#show(exchange, account, { problem }, 429);
      return;
    }
    const current = (form.get('password') ?? '').slice(0, longestPassword + 1);
    if (account.password !== undefined && !(await passwordMatches(current, account.password))) {
      log.warn('password.wrong', { subject });
      this.#show(exchange, account, { problem: texts.wrongPassword }, 401);
      return;
    }
    await guard.succeeded('password', name);
    const hash = await hashPassword(password);
    const signedOutBefore = Math.floor(Date.now() / 1000);
    await accounts.change(subject, (now) => ({ ...now, password: hash, signedOutBefore }));
    log.info('password.changed', { subject });
    exchange.page(200, messagePage(texts, texts.passwordChanged, texts.passwordChangedHow));
  }

  async #passkeyOptions(exchange: Exchange, { account, attempt }: Present): Promise<void> {
    const { attempts, passkeys } = this.#parts;
    const options = await passkeys.creationOptions(account);
    await attempts.write(attempt, { ...(await attempts.read(attempt)), challenge: options.challenge });
    exchange.answer(200, options);
  }

  async #addPasskey(exchange: Exchange, { account, attempt }: Present): Promise<void> {
    const { attempts, passkeys, log } = this.#parts;
    const response = await exchange.json();
    const challenge = await attempts.takeChallenge(attempt);
    const { subject } = account.holder;
    if (challenge === undefined || !(await passkeys.register(response, challenge, subject))) {
      exchange.answer(401, { error: 'passkey_refused' });
      return;
    }
    log.info('passkey.added', { subject });
    exchange.answer(200, { location: accountPath });
  }

  async #removePasskey(exchange: Exchange, form: URLSearchParams, { account }: Present): Promise<void> {
    const id = form.get('id') ?? '';
    await this.#remove(exchange, account, 'passkey.removed', (now) => ({
      ...now,
      passkeys: now.passkeys.filter((each) => each.id !== id),
    }));
  }

  async #removeApp(exchange: Exchange, { account }: Present): Promise<void> {
    await this.#remove(exchange, account, 'app.removed', ({ totp: _app, ...rest }) => rest);
  }

  /** Takes something away, unless it is the last second factor: with a password alone nobody could take that away. */
  async #remove(
    exchange: Exchange,
    { holder: { subject } }: Account,
    event: string,
    change: (account: Account) => Account,
  ): Promise<void> {
    const { accounts, log } = this.#parts;
    const texts = textsIn(exchange.language);
    const refused = new Set<string>();
    const after = await accounts.change(subject, (now) => {
      const changed = change(now);
      if (!hasSecondFactor(now) || hasSecondFactor(changed)) return changed;
      refused.add(subject);
      return now;
    });
    if (refused.has(subject)) {
      this.#show(exchange, after, { problem: texts.lastFactor }, 409);
      return;
    }
    log.info(event, { subject });
    this.#show(exchange, after, { done: texts.removed });
  }

  async #offerApp(exchange: Exchange, present: Present, problem?: string): Promise<void> {
    const { attempts } = this.#parts;
    const { account, attempt } = present;
    const before = await attempts.read(attempt);
    const secret = (problem === undefined ? undefined : before.totpSecret) ?? newTotpSecret();
    await attempts.write(attempt, { ...before, totpSecret: secret });
    const picture = totpPicture(secret, account.username ?? account.holder.subject);
    const view = { texts: textsIn(exchange.language), base: accountPath, qr: picture, secret, problem };
    exchange.page(problem === undefined ? 200 : 401, newAppPage(view));
  }

  async #confirmApp(exchange: Exchange, form: URLSearchParams, present: Present): Promise<void> {
    const { accounts, attempts, log } = this.#parts;
    const texts = textsIn(exchange.language);
    const { attempt, account } = present;
    const { totpSecret } = await attempts.read(attempt);
    const step = totpSecret === undefined ? undefined : stepOfCode(totpSecret, form.get('code') ?? '');
    if (totpSecret === undefined || step === undefined) {
      await this.#offerApp(exchange, present, texts.wrongCode);
      return;
    }
    await attempts.end(attempt);
    const { subject } = account.holder;
    const after = await accounts.change(subject, (now) => ({
      ...now,
      totp: { secret: totpSecret, lastStep: step },
    }));
    log.info('app.added', { subject });
    if (after.recoveryCodes.length === 0) await this.#renewCodes(exchange, present);
    else this.#show(exchange, after, { done: texts.appAdded });
  }

  async #renewCodes(exchange: Exchange, { account: { holder } }: Present): Promise<void> {
    const { codes, digests } = newRecoveryCodes();
    await this.#parts.accounts.change(holder.subject, (now) => ({ ...now, recoveryCodes: digests }));
    this.#parts.log.info('recovery-codes.renewed', { subject: holder.subject });
    exchange.page(200, newCodesPage({ texts: textsIn(exchange.language), base: accountPath, codes }));
  }
}
