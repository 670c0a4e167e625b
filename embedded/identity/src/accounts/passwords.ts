import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** OWASP's second choice of parameters: 32 MB of memory and about 80 ms a guess. */
const cost = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 1024 * 1024 } as const;
const keyLength = 32;

export const shortestPassword = 12;
export const longestPassword = 256;

const derive = (password: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    // Two ways of typing one letter are one password (NIST SP 800-63B).
    scrypt(password.normalize('NFKC'), salt, keyLength, cost, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });

/** A hash to keep: `salt.key`, both in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  return `${salt.toString('base64url')}.${(await derive(password, salt)).toString('base64url')}`;
}

/** A hash that no password has: comparing with it takes as long as with another. */
const unmatchable = `${randomBytes(16).toString('base64url')}.${randomBytes(keyLength).toString('base64url')}`;

/** True if `hash` was made from this password; takes as long where there is no hash. */
export async function passwordMatches(password: string, hash: string | undefined): Promise<boolean> {
  const [salt = '', key = ''] = (hash ?? unmatchable).split('.');
  const wanted = Buffer.from(key, 'base64url');
  const found = await derive(password, Buffer.from(salt, 'base64url'));
  return wanted.length === found.length && timingSafeEqual(wanted, found) && hash !== undefined;
}
