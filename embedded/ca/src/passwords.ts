import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** Cost of a guess: 4 MB of memory and some tens of milliseconds. */
const cost = { N: 2 ** 12, r: 8, p: 4 } as const;
const keyLength = 32;

const derive = (password: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(password, salt, keyLength, cost, (error, key) => (error ? reject(error) : resolve(key)));
  });

/** A hash to keep: `salt.key`, both in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt);
  return `${salt.toString('base64url')}.${key.toString('base64url')}`;
}

/** A hash that no password has: comparing with it takes as long as with another. */
export const unmatchable = `${randomBytes(16).toString('base64url')}.${randomBytes(keyLength).toString('base64url')}`;

/** True if a password is a secret that is known in plain text; takes as long for any other. */
export function secretMatches(password: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(password), digest(secret));
}

/** True if `hash` was made from this password. */
export async function passwordMatches(password: string, hash: string): Promise<boolean> {
  const [salt = '', key = ''] = hash.split('.');
  const wanted = Buffer.from(key, 'base64url');
  const found = await derive(password, Buffer.from(salt, 'base64url'));
  return wanted.length === found.length && timingSafeEqual(wanted, found);
}

const secretCharacters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const secretLength = 16;

/** A secret for an identity that was registered without one. */
export function newSecret(): string {
  // Bytes past the last whole alphabet are thrown away, so that every letter is as likely.
  const limit = 256 - (256 % secretCharacters.length);
  let secret = '';
  while (secret.length < secretLength) {
    const [byte = 255] = randomBytes(1);
    if (byte < limit) secret += secretCharacters[byte % secretCharacters.length] ?? '';
  }
  return secret;
}
