import { html, type Html } from './html.js';
import { page, passkeyButton, problem } from './layout.js';
import { filled, type Texts } from './texts/index.js';

/** What the pages of a sign-in have in common. */
export interface SignInView {
  readonly texts: Texts;
  /** Where their forms lead, without a slash at the end. */
  readonly base: string;
  /** Name of the application that asks. */
  readonly client: string;
  readonly problem?: string | undefined;
}

const abort = ({ base }: SignInView, label: string): Html =>
  html`<form method="post" action="${base}/abort" class="aside">
    <button class="link">${label}</button>
  </form>`;

export function passwordPage(view: SignInView, username = ''): Html {
  const { texts, base, client } = view;
  return page(
    texts,
    texts.signIn,
    html`<p class="lead">${filled(texts.signInTo, { client })}</p>
      ${problem(view.problem)}
      <form method="post" action="${base}/password">
        <label for="username">${texts.username}</label>
        <input
          id="username"
          name="username"
          value="${username}"
          autocomplete="username webauthn"
          autocapitalize="none"
          spellcheck="false"
          required
          ${username === '' && html`autofocus`}
        />
        <label for="password">${texts.password}</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete="current-password"
          required
          ${username !== '' && html`autofocus`}
        />
        <button>${texts.continue}</button>
      </form>
      ${passkeyButton(texts.usePasskey, 'get', `${base}/passkey/options`, `${base}/passkey`, texts.wrongPasskey)}
      ${abort(view, texts.cancel)}`,
    { passkeys: true },
  );
}

export function secondFactorPage(
  view: SignInView,
  name: string,
  has: { app: boolean; passkey: boolean },
): Html {
  const { texts, base } = view;
  return page(
    texts,
    texts.secondFactor,
    html`<p class="lead">${filled(texts.signedInAs, { name })} ${texts.secondFactorWhy}</p>
      ${problem(view.problem)}
      ${
        has.passkey &&
        passkeyButton(
          texts.usePasskey,
          'get',
          `${base}/passkey/options`,
          `${base}/passkey`,
          texts.wrongPasskey,
        )
      }
      <form method="post" action="${base}/code">
        <label for="code">${texts.code}</label>
        <input
          id="code"
          name="code"
          autocomplete="one-time-code"
          spellcheck="false"
          autocapitalize="none"
          aria-describedby="code-hint"
          required
          ${has.app && html`autofocus`}
        />
        <p class="hint" id="code-hint">${texts.codeHint}</p>
        <button>${texts.verify}</button>
      </form>
      <form method="post" action="${base}/restart" class="aside">
        <button class="link">${texts.someoneElse}</button>
      </form>`,
    { passkeys: has.passkey },
  );
}

export function enrolmentPage(view: SignInView, totp: { qr: Html; secret: string }): Html {
  const { texts, base, client } = view;
  return page(
    texts,
    texts.enrol,
    html`<p class="lead">${filled(texts.enrolWhy, { client })}</p>
      ${problem(view.problem)}
      <section>
        <h2>${texts.enrolPasskey}</h2>
        <p>${texts.enrolPasskeyHow}</p>
        ${passkeyButton(
          texts.addPasskey,
          'create',
          `${base}/enrol/passkey/options`,
          `${base}/enrol/passkey`,
          texts.wrongPasskey,
        )}
      </section>
      <section>
        <h2>${texts.enrolApp}</h2>
        ${enrolApp(texts, `${base}/enrol/totp`, totp)}
      </section>
      ${abort(view, texts.cancel)}`,
    { passkeys: true },
  );
}

/** What an authenticator app is to scan, and the form that shows that it did. */
export const enrolApp = (texts: Texts, action: string, totp: { qr: Html; secret: string }): Html =>
  html`<p>${texts.enrolAppHow}</p>
    <div class="qr">${totp.qr}</div>
    <p class="hint">${texts.enrolAppByHand} <code>${totp.secret}</code></p>
    <form method="post" action="${action}">
      <label for="code">${texts.code}</label>
      <input
        id="code"
        name="code"
        inputmode="numeric"
        pattern="[0-9 ]*"
        autocomplete="one-time-code"
        required
      />
      <button>${texts.verify}</button>
    </form>`;

export const listOfCodes = (codes: readonly string[]): Html =>
  html`<ul class="codes">
    ${codes.map((code) => html`<li><code>${code}</code></li>`)}
  </ul>`;

/** Recovery codes, shown once; the form goes on with the sign-in. */
export function recoveryCodesPage(view: SignInView, codes: readonly string[]): Html {
  const { texts, base } = view;
  return page(
    texts,
    texts.recoveryCodes,
    html`<p class="lead">${texts.recoveryCodesHow}</p>
      ${listOfCodes(codes)}
      <form method="post" action="${base}/enrolled">
        <button>${texts.keptThem}</button>
      </form>`,
  );
}

/** @param firstParty - the application is of the platform itself */
export function consentPage(view: SignInView, scopes: readonly string[], firstParty: boolean): Html {
  const { texts, base, client } = view;
  return page(
    texts,
    filled(texts.consent, { client }),
    html`<p class="lead">${filled(firstParty ? texts.consentOwn : texts.consentWhy, { client })}</p>
      <ul class="scopes">
        ${scopes.map((scope) => html`<li>${scope}</li>`)}
      </ul>
      <form method="post" action="${base}/consent">
        <button>${texts.allow}</button>
      </form>
      ${abort(view, texts.deny)}`,
  );
}
