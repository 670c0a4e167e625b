import { type Account, hasSecondFactor, username as usernameSchema } from '../accounts/account.js';
import { type AccountStore } from '../accounts/account-store.js';
import { longestPassword, passwordMatches } from '../accounts/passwords.js';
import { isFirstParty } from '../clients/client.js';
import { type ClientStore } from '../clients/client-store.js';
import { type Exchange } from '../http/exchange.js';
import { type Route } from '../http/routes.js';
import { type Log } from '../log.js';
import { scopeInWords } from '../pages/scope-words.js';
import {
  consentPage,
  enrolmentPage,
  passwordPage,
  recoveryCodesPage,
  secondFactorPage,
  type SignInView,
} from '../pages/sign-in-pages.js';
import { filled, textsIn } from '../pages/texts/index.js';
import { type Attempts } from './attempt.js';
import { type Method, nextStep } from './authentication.js';
import { type GuessGuard } from './guess-guard.js';
import { type Interactions, type SignInRequest } from './interactions.js';
import { type Passkeys } from './passkeys.js';
import { acceptRecoveryCode, newRecoveryCodes } from './recovery-codes.js';
import { acceptTotp, newTotpSecret, stepOfCode, totpPicture } from './totp.js';

export interface SignInParts {
  readonly interactions: Interactions;
  readonly attempts: Attempts;
  readonly accounts: AccountStore;
  readonly clients: ClientStore;
  readonly guard: GuessGuard;
  readonly passkeys: Passkeys;
  readonly log: Log;
}

const isAppCode = (code: string): boolean => /^\d{6}$/.test(code.replaceAll(/\s/g, ''));

/**
 * The pages between an authorisation request and its answer: password, second factor, setting one up, consent. Each form
 * leads to the next step that is missing; how far somebody is, is kept here and never in the browser.
 */
export class SignInEndpoints {
  readonly #parts: SignInParts;

  constructor(parts: SignInParts) {
    this.#parts = parts;
  }

  get routes(): Route[] {
    const step =
      (handle: (exchange: Exchange, request: SignInRequest) => Promise<void>) => async (exchange: Exchange) =>
        handle(exchange, await this.#parts.interactions.read(exchange));
    const post = (path: string, handle: Parameters<typeof step>[0]): Route => ({
      method: 'POST',
      path: `/interaction/:uid${path}`,
      handle: step(handle),
    });
    return [
      {
        method: 'GET',
        path: '/interaction/:uid',
        handle: step((exchange, request) => this.#show(exchange, request)),
      },
      post('/password', (exchange, request) => this.#password(exchange, request)),
      post('/code', (exchange, request) => this.#code(exchange, request)),
      post('/passkey/options', (exchange, request) => this.#passkeyOptions(exchange, request)),
      post('/passkey', (exchange, request) => this.#passkey(exchange, request)),
      post('/enrol/totp', (exchange, request) => this.#enrolTotp(exchange, request)),
      post('/enrol/passkey/options', (exchange, request) => this.#enrolPasskeyOptions(exchange, request)),
      post('/enrol/passkey', (exchange, request) => this.#enrolPasskey(exchange, request)),
      post('/enrolled', (exchange, request) => this.#enrolled(exchange, request)),
      post('/restart', (exchange, request) => this.#restart(exchange, request)),
      post('/consent', (exchange, request) => this.#consent(exchange, request)),
      post('/abort', (exchange, request) => this.#abort(exchange, request)),
    ];
  }

  /** The page of the step that is missing. */
  async #show(exchange: Exchange, request: SignInRequest, wrong?: string, status = 200): Promise<void> {
    const view = this.#view(exchange, request, wrong);
    if (request.prompt === 'consent') {
      const words = request.scopes.map((scope) => scopeInWords(scope, view.texts));
      const client = await this.#parts.clients.find(request.clientId);
      const own = client !== undefined && isFirstParty(client);
      exchange.page(status, consentPage(view, words, own), request.destinations);
      return;
    }
    const attempt = await this.#attemptOf(request);
    const account =
      attempt.subject === undefined ? undefined : await this.#parts.accounts.find(attempt.subject);
    switch (nextStep(account, attempt.methods, request.wanted)) {
      case 'second-factor': {
        const has = { app: account?.totp !== undefined, passkey: (account?.passkeys.length ?? 0) > 0 };
        exchange.page(status, secondFactorPage(view, nameOf(account), has), request.destinations);
        return;
      }
      case 'enrolment': {
        const secret = attempt.totpSecret ?? newTotpSecret();
        await this.#parts.attempts.write(request.uid, { ...attempt, totpSecret: secret });
        const picture = totpPicture(secret, nameOf(account));
        exchange.page(status, enrolmentPage(view, { qr: picture, secret }), request.destinations);
        return;
      }
      case 'done':
        await this.#finish(exchange, request, attempt);
        return;
      case 'password':
        exchange.page(status, passwordPage(view, request.loginHint), request.destinations);
    }
  }

  async #password(exchange: Exchange, request: SignInRequest): Promise<void> {
    const { accounts, guard, attempts, log } = this.#parts;
    const form = await exchange.form();
    const texts = textsIn(exchange.language);
    const typed = usernameSchema.safeParse(form.get('username')).data;
    const password = form.get('password') ?? '';
    const view = (wrong: string) => passwordPage(this.#view(exchange, request, wrong), typed ?? '');
    // What cannot be a name is guessed at like any other, and answered alike.
    const wait = await guard.attempt('password', typed ?? '');
    if (wait > 0) {
      exchange.page(429, view(tooMany(texts.tooManyAttempts, wait)), request.destinations);
      return;
    }
    const account = typed === undefined ? undefined : await accounts.findByUsername(typed);
    const usable = account && !account.disabled && password.length <= longestPassword;
    const matches = await passwordMatches(usable ? password : '', usable ? account.password : undefined);
    if (!usable || !matches) {
      log.warn('password.wrong', { known: account !== undefined });
      exchange.page(401, view(texts.wrong), request.destinations);
      return;
    }
    await guard.succeeded('password', typed ?? '');
    await attempts.write(request.uid, { subject: account.holder.subject, methods: ['pwd'] });
    exchange.redirect(baseOf(request));
  }

  async #code(exchange: Exchange, request: SignInRequest): Promise<void> {
    const { accounts, guard, log } = this.#parts;
    const code = (await exchange.form()).get('code') ?? '';
    const attempt = await this.#attemptOf(request);
    const { subject } = attempt;
    if (subject === undefined || !attempt.methods.includes('pwd')) {
      exchange.redirect(baseOf(request));
      return;
    }
    const texts = textsIn(exchange.language);
    const wait = await guard.attempt('code', subject);
    if (wait > 0) {
      await this.#show(exchange, request, tooMany(texts.tooManyAttempts, wait), 429);
      return;
    }
    const accepted = isAppCode(code)
      ? await acceptTotp(accounts, subject, code)
      : await acceptRecoveryCode(accounts, subject, code);
    if (!accepted) {
      log.warn('code.wrong', { subject });
      await this.#show(exchange, request, texts.wrongCode, 401);
      return;
    }
    await guard.succeeded('code', subject);
    await this.#proved(request, subject, ['otp']);
    exchange.redirect(baseOf(request));
  }

  async #passkeyOptions(exchange: Exchange, request: SignInRequest): Promise<void> {
    exchange.requireOwnOrigin();
    const { accounts, attempts, passkeys } = this.#parts;
    const attempt = await this.#attemptOf(request);
    const account = attempt.subject === undefined ? undefined : await accounts.find(attempt.subject);
    const options = await passkeys.requestOptions(account);
    await attempts.write(request.uid, { ...attempt, challenge: options.challenge });
    exchange.answer(200, options);
  }

  async #passkey(exchange: Exchange, request: SignInRequest): Promise<void> {
    exchange.requireOwnOrigin();
    const { attempts, passkeys, log } = this.#parts;
    const response = await exchange.json();
    const { subject } = await this.#attemptOf(request);
    const challenge = await attempts.takeChallenge(request.uid);
    const use = challenge === undefined ? undefined : await passkeys.verifyUse(response, challenge, subject);
    if (!use) {
      log.warn('passkey.wrong', { subject });
      exchange.answer(401, { error: 'passkey_refused' });
      return;
    }
    await this.#proved(request, use.subject, use.methods);
    exchange.answer(200, { location: baseOf(request) });
  }

  async #enrolTotp(exchange: Exchange, request: SignInRequest): Promise<void> {
    const { accounts } = this.#parts;
    const code = (await exchange.form()).get('code') ?? '';
    const enrolling = await this.#enrolling(request);
    if (!enrolling) {
      exchange.redirect(baseOf(request));
      return;
    }
    const { account, totpSecret } = enrolling;
    const step = totpSecret === undefined ? undefined : stepOfCode(totpSecret, code);
    if (totpSecret === undefined || step === undefined) {
      await this.#show(exchange, request, textsIn(exchange.language).wrongCode, 401);
      return;
    }
    const { subject } = account.holder;
    await accounts.change(subject, (now) => ({ ...now, totp: { secret: totpSecret, lastStep: step } }));
    await this.#showRecoveryCodes(exchange, request, subject, ['otp']);
  }

  async #enrolPasskeyOptions(exchange: Exchange, request: SignInRequest): Promise<void> {
    exchange.requireOwnOrigin();
    const { attempts, passkeys } = this.#parts;
    const enrolling = await this.#enrolling(request);
    if (!enrolling) {
      exchange.answer(401, { error: 'sign_in_first' });
      return;
    }
    const options = await passkeys.creationOptions(enrolling.account);
    const attempt = await this.#attemptOf(request);
    await attempts.write(request.uid, { ...attempt, challenge: options.challenge });
    exchange.answer(200, options);
  }

  async #enrolPasskey(exchange: Exchange, request: SignInRequest): Promise<void> {
    exchange.requireOwnOrigin();
    const { attempts, passkeys, accounts } = this.#parts;
    const response = await exchange.json();
    const enrolling = await this.#enrolling(request);
    const challenge = await attempts.takeChallenge(request.uid);
    const subject = enrolling?.account.holder.subject;
    if (
      subject === undefined ||
      challenge === undefined ||
      !(await passkeys.register(response, challenge, subject))
    ) {
      exchange.answer(401, { error: 'passkey_refused' });
      return;
    }
    const added = (await accounts.find(subject))?.passkeys.at(-1);
    await this.#proved(request, subject, [added?.deviceType === 'multiDevice' ? 'swk' : 'hwk']);
    exchange.answer(200, { location: baseOf(request) });
  }

  /** After the recovery codes were shown: on with the sign-in. */
  async #enrolled(exchange: Exchange, request: SignInRequest): Promise<void> {
    await exchange.form();
    exchange.redirect(baseOf(request));
  }

  async #showRecoveryCodes(
    exchange: Exchange,
    request: SignInRequest,
    subject: string,
    methods: readonly Method[],
  ): Promise<void> {
    const { codes, digests } = newRecoveryCodes();
    await this.#parts.accounts.change(subject, (now) => ({ ...now, recoveryCodes: digests }));
    await this.#proved(request, subject, methods);
    exchange.page(200, recoveryCodesPage(this.#view(exchange, request), codes), request.destinations);
  }

  async #restart(exchange: Exchange, request: SignInRequest): Promise<void> {
    await exchange.form();
    await this.#parts.attempts.write(request.uid, { methods: [], restarted: true });
    exchange.redirect(baseOf(request));
  }

  async #consent(exchange: Exchange, request: SignInRequest): Promise<void> {
    await exchange.form();
    if (request.prompt !== 'consent') {
      exchange.redirect(baseOf(request));
      return;
    }
    await this.#parts.interactions.consent(exchange, request);
  }

  async #abort(exchange: Exchange, request: SignInRequest): Promise<void> {
    await exchange.form();
    await this.#parts.attempts.end(request.uid);
    await this.#parts.interactions.refuse(exchange);
  }

  async #finish(
    exchange: Exchange,
    request: SignInRequest,
    { subject, methods }: { subject?: string | undefined; methods: readonly Method[] },
  ): Promise<void> {
    const { attempts, interactions, log } = this.#parts;
    if (subject === undefined) return;
    await attempts.end(request.uid);
    log.info('signed-in', { subject, methods, client: request.clientId });
    await interactions.signedIn(exchange, subject, methods);
  }

  /** How far somebody is; one who has signed in before and is asked for more begins with what they proved then. */
  async #attemptOf(request: SignInRequest) {
    const attempt = await this.#parts.attempts.read(request.uid);
    if (attempt.subject !== undefined || attempt.restarted || !request.stepUp) return attempt;
    return { ...attempt, subject: request.stepUp.subject, methods: [...request.stepUp.methods] };
  }

  async #proved(request: SignInRequest, subject: string, methods: readonly Method[]): Promise<void> {
    const before = await this.#attemptOf(request);
    const known = before.subject === subject ? before.methods : [];
    await this.#parts.attempts.write(request.uid, { subject, methods: [...new Set([...known, ...methods])] });
  }

  /** The account to which a second factor may be added now: its password is proved, and it has none yet. */
  async #enrolling(
    request: SignInRequest,
  ): Promise<{ account: Account; totpSecret?: string | undefined } | undefined> {
    const { subject, methods, totpSecret } = await this.#attemptOf(request);
    const account = subject === undefined ? undefined : await this.#parts.accounts.find(subject);
    if (!account || account.disabled || !methods.includes('pwd') || hasSecondFactor(account))
      return undefined;
    return { account, totpSecret };
  }

  #view(exchange: Exchange, request: SignInRequest, problem?: string): SignInView {
    return {
      texts: textsIn(exchange.language),
      base: baseOf(request),
      client: request.clientName,
      problem,
    };
  }
}

const baseOf = ({ uid }: SignInRequest): string => `/interaction/${uid}`;

const nameOf = (account: Account | undefined): string => account?.username ?? account?.holder.subject ?? '';

const tooMany = (text: string, waitMs: number): string => filled(text, { seconds: Math.ceil(waitMs / 1000) });
