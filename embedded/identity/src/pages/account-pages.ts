import { type Account, type Passkey } from '../accounts/account.js';
import { html, type Html } from './html.js';
import { newPasswordField, page, passkeyButton, problem } from './layout.js';
import { enrolApp, listOfCodes } from './sign-in-pages.js';
import { filled, type Texts } from './texts/index.js';

export interface AccountView {
  readonly texts: Texts;
  /** Where the forms lead, without a slash at the end. */
  readonly base: string;
  readonly account: Account;
  /** Where this browser is signed out. */
  readonly signOut: string;
  /** What was just done. */
  readonly done?: string;
  readonly problem?: string;
}

/** How somebody signs in, and what of it they can change. */
export function accountPage(view: AccountView): Html {
  const { texts, base, account } = view;
  const { username, holder, totp } = account;
  return page(
    texts,
    texts.account,
    html`<p class="lead">${filled(texts.signedInAs, { name: username ?? holder.subject })}</p>
      ${problem(view.problem)}
      ${view.done !== undefined && html`<p class="done" role="status">${view.done}</p>`}
      <section>
        <h2>${texts.passkeys}</h2>
        <ul class="kept">
          ${account.passkeys.map((each) => passkeyItem(view, each))}
        </ul>
        ${passkeyButton(
          texts.addPasskey,
          'create',
          `${base}/passkey/options`,
          `${base}/passkey`,
          texts.wrongPasskey,
        )}
      </section>
      <section>
        <h2>${texts.enrolApp}</h2>
        <form method="post" action="${base}/app">
          <button class="secondary">${totp === undefined ? texts.setUpApp : texts.replaceApp}</button>
        </form>
        ${
          totp !== undefined &&
          html`<form method="post" action="${base}/app/remove">
            <button class="link">${texts.removeApp}</button>
          </form>`
        }
      </section>
      ${(totp !== undefined || account.passkeys.length > 0) && codesSection(view)} ${passwordSection(view)}
      <form method="get" action="${view.signOut}" class="aside">
        <button class="link">${texts.signOut}</button>
      </form>`,
    { passkeys: true },
  );
}

const passkeyItem = ({ texts, base }: AccountView, { id, createdAt, deviceType }: Passkey): Html => {
  const kind = deviceType === 'multiDevice' ? texts.passkeyShared : texts.passkeyBound;
  return html`<li>
    <form method="post" action="${base}/passkey/remove">
      <input type="hidden" name="id" value="${id}" />
      <span>${filled(kind, { date: createdAt.slice(0, 10) })}</span>
      <button class="link">${texts.remove}</button>
    </form>
  </li>`;
};

const codesSection = ({ texts, base, account }: AccountView): Html =>
  html`<section>
    <h2>${texts.codes}</h2>
    <p>${filled(texts.codesLeft, { count: account.recoveryCodes.length })}</p>
    <form method="post" action="${base}/recovery-codes">
      <button class="secondary">${texts.newCodes}</button>
    </form>
  </section>`;

const passwordSection = ({ texts, base, account }: AccountView): Html =>
  html`<section>
    <h2>${texts.changePassword}</h2>
    <p>${texts.changePasswordHow}</p>
    <form method="post" action="${base}/password">
      <input type="hidden" name="username" value="${account.username ?? ''}" autocomplete="username" />
      <label for="password">${texts.currentPassword}</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required />
      ${newPasswordField(texts, 'new-password')}
      <button>${texts.changePassword}</button>
    </form>
  </section>`;

/** An authenticator app that is being set up, beside whatever there is. */
export const newAppPage = (view: {
  readonly texts: Texts;
  readonly base: string;
  readonly qr: Html;
  readonly secret: string;
  readonly problem?: string | undefined;
}): Html =>
  page(
    view.texts,
    view.texts.enrolApp,
    html`${problem(view.problem)} ${enrolApp(view.texts, `${view.base}/app/confirm`, view)}
      <form method="get" action="${view.base}" class="aside">
        <button class="link">${view.texts.cancel}</button>
      </form>`,
  );

/** New recovery codes, shown once. */
export const newCodesPage = (view: {
  readonly texts: Texts;
  readonly base: string;
  readonly codes: readonly string[];
}): Html =>
  page(
    view.texts,
    view.texts.recoveryCodes,
    html`<p class="lead">${view.texts.recoveryCodesHow}</p>
      ${listOfCodes(view.codes)}
      <form method="get" action="${view.base}">
        <button>${view.texts.keptThem}</button>
      </form>`,
  );
