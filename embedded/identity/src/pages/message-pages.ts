import { html, type Html } from './html.js';
import { newPasswordField, page, problem } from './layout.js';
import { filled, type Texts } from './texts/index.js';

/** A page that only says something. */
export const messagePage = (texts: Texts, title: string, message: string): Html =>
  page(texts, title, html`<p class="lead">${message}</p>`);

export const errorPage = (texts: Texts, reason: string): Html =>
  messagePage(texts, texts.failed, filled(texts.failedHow, { reason }));

export const expiredPage = (texts: Texts): Html => messagePage(texts, texts.expired, texts.expiredHow);

/** What a form of the protocol needs: where it goes and what shows that it is ours. */
export interface ProtocolForm {
  readonly action: string;
  readonly xsrf: string;
}

const protocolForm = ({ action, xsrf }: ProtocolForm, content: Html): Html =>
  html`<form method="post" action="${action}">
    <input type="hidden" name="xsrf" value="${xsrf}" />${content}
  </form>`;

export const deviceCodePage = (texts: Texts, form: ProtocolForm, wrong: string | undefined): Html =>
  page(
    texts,
    texts.device,
    html`<p class="lead">${texts.deviceHow}</p>
      ${problem(wrong)}
      ${protocolForm(
        form,
        html`<label for="user_code">${texts.code}</label>
          <input
            id="user_code"
            name="user_code"
            class="code"
            autocomplete="off"
            autocapitalize="characters"
            spellcheck="false"
            required
            autofocus
          />
          <button>${texts.continue}</button>`,
      )}`,
  );

export const deviceConfirmPage = (texts: Texts, form: ProtocolForm, client: string, code: string): Html => {
  const hidden = html`<input type="hidden" name="user_code" value="${code}" />`;
  return page(
    texts,
    filled(texts.deviceConfirm, { client }),
    html`<p class="lead">${texts.deviceConfirmHow}</p>
      <p class="user-code"><code>${code}</code></p>
      ${protocolForm(form, html`${hidden}<button name="confirm" value="yes">${texts.connect}</button>`)}
      ${protocolForm(
        form,
        html`${hidden}<button class="link" name="abort" value="yes">${texts.cancel}</button>`,
      )}`,
  );
};

export const signOutPage = (texts: Texts, form: ProtocolForm): Html =>
  page(
    texts,
    texts.signOut,
    html`<p class="lead">${texts.signOutHow}</p>
      ${protocolForm(form, html`<button name="logout" value="yes">${texts.signOut}</button>`)}
      ${protocolForm(form, html`<button class="link">${texts.stay}</button>`)}`,
  );

export const claimPage = (
  texts: Texts,
  action: string,
  { username, fixed, wrong }: { username: string; fixed: boolean; wrong?: string | undefined },
): Html =>
  page(
    texts,
    texts.claim,
    html`<p class="lead">${texts.claimHow}</p>
      ${problem(wrong)}
      <form method="post" action="${action}">
        <label for="username">${fixed ? texts.username : texts.chooseUsername}</label>
        <input
          id="username"
          name="username"
          value="${username}"
          autocomplete="username"
          autocapitalize="none"
          spellcheck="false"
          required
          ${fixed && html`readonly`}
        />
        ${newPasswordField(texts, 'password')}
        <button>${texts.continue}</button>
      </form>`,
  );
