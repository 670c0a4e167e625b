import { type Client, type ErrorOut, type KoaContextWithOIDC } from 'oidc-provider';
import { contentPolicy } from '../http/exchange.js';
import { type Html } from '../pages/html.js';
import {
  deviceCodePage,
  deviceConfirmPage,
  errorPage,
  messagePage,
  type ProtocolForm,
  signOutPage,
} from '../pages/message-pages.js';
import { languageOf, type Texts, textsIn } from '../pages/texts/index.js';

const textsOf = (context: KoaContextWithOIDC): Texts => textsIn(languageOf(context.get('accept-language')));

function show(context: KoaContextWithOIDC, page: Html, destinations: readonly string[] = []): void {
  context.type = 'html';
  context.set('content-security-policy', contentPolicy(destinations));
  context.set('cache-control', 'no-store');
  context.set('x-content-type-options', 'nosniff');
  context.set('x-frame-options', 'DENY');
  context.set('referrer-policy', 'same-origin');
  context.body = page.toString();
}

/** Where a form of the protocol goes, with the secret of the session that shows it is ours. */
function formOf(context: KoaContextWithOIDC, route: string): ProtocolForm {
  const state = context.oidc.session?.state;
  return {
    action: context.oidc.urlFor(route),
    xsrf: typeof state?.['secret'] === 'string' ? state['secret'] : '',
  };
}

/** The pages that the protocol's own endpoints show. */
export class ProtocolPages {
  deviceCode(context: KoaContextWithOIDC, error: Error | undefined): void {
    const texts = textsOf(context);
    const aborted = error?.name === 'AbortedError';
    const wrong = error && (aborted ? texts.deviceDenied : texts.deviceCodeWrong);
    show(context, deviceCodePage(texts, formOf(context, 'code_verification'), wrong));
  }

  deviceConfirm(context: KoaContextWithOIDC, client: Client, code: string): void {
    const name = client.clientName ?? client.clientId;
    show(context, deviceConfirmPage(textsOf(context), formOf(context, 'code_verification'), name, code));
  }

  deviceDone(context: KoaContextWithOIDC): void {
    const texts = textsOf(context);
    show(context, messagePage(texts, texts.deviceDone, texts.deviceDoneHow));
  }

  signOut(context: KoaContextWithOIDC): void {
    const destination = context.oidc.session?.state?.['postLogoutRedirectUri'];
    const origins = typeof destination === 'string' ? [new URL(destination).origin] : [];
    show(context, signOutPage(textsOf(context), formOf(context, 'end_session_confirm')), origins);
  }

  signedOut(context: KoaContextWithOIDC): void {
    const texts = textsOf(context);
    show(context, messagePage(texts, texts.signedOut, texts.signedOutHow));
  }

  failed(context: KoaContextWithOIDC, { error, error_description: description }: ErrorOut): void {
    show(context, errorPage(textsOf(context), description ?? error));
  }
}
