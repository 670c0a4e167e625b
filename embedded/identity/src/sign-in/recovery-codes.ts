import { createHash, randomBytes } from 'node:crypto';
import { type AccountStore } from '../accounts/account-store.js';

const howMany = 10;
/** No letters that are taken for digits. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
const length = 16;

const digest = (code: string): string =>
  createHash('sha256')
    .update(code.toLowerCase().replaceAll(/[^a-z0-9]/g, ''))
    .digest('base64url');

function newCode(): string {
  let code = '';
  // Bytes past the last whole alphabet are thrown away, so that every letter is as likely.
  const limit = 256 - (256 % alphabet.length);
  while (code.length < length) {
    const [byte = 255] = randomBytes(1);
    if (byte < limit) code += alphabet[byte % alphabet.length] ?? '';
  }
  return (code.match(/.{4}/g) ?? []).join('-');
}

/** Codes to write down (79 bits each), and their digests to keep. */
export function newRecoveryCodes(): { readonly codes: string[]; readonly digests: string[] } {
  const codes = Array.from({ length: howMany }, newCode);
  return { codes, digests: codes.map(digest) };
}

/** True if it is one of those that are left, of which it then is none. */
export async function acceptRecoveryCode(
  accounts: AccountStore,
  subject: string,
  code: string,
): Promise<boolean> {
  let accepted = false;
  const used = digest(code);
  await accounts.change(subject, (account) => {
    accepted = account.recoveryCodes.includes(used);
    return { ...account, recoveryCodes: account.recoveryCodes.filter((left) => left !== used) };
  });
  return accepted;
}
