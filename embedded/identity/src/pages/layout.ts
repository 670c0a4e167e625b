import { type Fragment, html, type Html } from './html.js';
import { type Texts } from './texts/index.js';

export const stylesheet = '/assets/pages.css';
export const passkeyLibrary = '/assets/simplewebauthn-browser.js';
export const passkeyScript = '/assets/passkeys.js';

/** A page around its content; with the scripts for passkeys where it has such a button. */
export function page(texts: Texts, title: string, content: Fragment, { passkeys = false } = {}): Html {
  return html`<!doctype html>
    <html lang="${texts.language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Medigraph</title>
        <link rel="stylesheet" href="${stylesheet}" />
        ${
          passkeys &&
          html`<script src="${passkeyLibrary}" defer></script>
            <script src="${passkeyScript}" defer></script>`
        }
      </head>
      <body>
        <main>
          <p class="brand"><span aria-hidden="true"></span>Medigraph</p>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html>`;
}

/** What went wrong, read out at once. */
export const problem = (message: string | undefined): Fragment =>
  message !== undefined && html`<p class="problem" role="alert">${message}</p>`;

/** A button that asks for a passkey; what it does with the answer is in the script. */
export const passkeyButton = (
  label: string,
  action: 'get' | 'create',
  options: string,
  target: string,
  failed: string,
): Html =>
  html`<button
      type="button"
      class="secondary"
      data-passkey="${action}"
      data-options="${options}"
      data-target="${target}"
      hidden
    >
      ${label}
    </button>
    <p class="problem" role="alert" data-passkey-problem hidden>${failed}</p>`;

/** Where somebody chooses a password. */
export const newPasswordField = (texts: Texts, name: string): Html =>
  html`<label for="${name}">${texts.newPassword}</label>
    <input
      id="${name}"
      name="${name}"
      type="password"
      autocomplete="new-password"
      minlength="12"
      maxlength="256"
      aria-describedby="password-hint"
      required
    />
    <p class="hint" id="password-hint">${texts.newPasswordHint}</p>`;
