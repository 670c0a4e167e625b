import { Secret, TOTP } from 'otpauth';
import { renderSVG } from 'uqr';
import { type AccountStore } from '../accounts/account-store.js';
import { Html } from '../pages/html.js';

const period = 30;
/** Clocks of phones may be a step before or behind. */
const window = 1;

const appOf = (secret: string, label: string): TOTP =>
  new TOTP({ issuer: 'Medigraph', label, secret: Secret.fromBase32(secret), digits: 6, period });

/** A secret for an authenticator app, in base32: 160 bits. */
export const newTotpSecret = (): string => new Secret({ size: 20 }).base32;

/** What the app scans. */
export const totpPicture = (secret: string, label: string): Html =>
  new Html(renderSVG(appOf(secret, label).toString(), { border: 2 }));

/** Time step that a code is of; undefined if it is not right now. */
export function stepOfCode(secret: string, code: string): number | undefined {
  const digits = code.replaceAll(/\s/g, '');
  if (!/^\d{6}$/.test(digits)) return undefined;
  const timestamp = Date.now();
  const delta = appOf(secret, '').validate({ token: digits, window, timestamp });
  return delta === null ? undefined : Math.floor(timestamp / 1000 / period) + delta;
}

/** True if a code of the account's app is right and neither it nor a later one was used before. */
export async function acceptTotp(accounts: AccountStore, subject: string, code: string): Promise<boolean> {
  let accepted = false;
  await accounts.change(subject, (account) => {
    if (!account.totp) return account;
    const step = stepOfCode(account.totp.secret, code);
    if (step === undefined || step <= account.totp.lastStep) return account;
    accepted = true;
    return { ...account, totp: { ...account.totp, lastStep: step } };
  });
  return accepted;
}
