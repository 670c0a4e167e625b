import { CompactEncrypt, compactDecrypt, type JWK } from 'jose';
import { z } from 'zod';
import { WalletUnreadableError } from './errors.js';
import { textOf, utf8 } from './bytes.js';

/** Version of what is inside. */
const version = 1;
const contentType = 'medigraph-wallet';
const keyManagement = 'PBES2-HS512+A256KW';
/** Rounds of PBKDF2 with SHA-512, as OWASP's cheat sheet on storing passwords has them. */
const rounds = 210_000;
/** A file that asks for more would keep a device busy for long. */
const mostRounds = 2_000_000;

/** A private key on P-256 as a JWK. */
export const privateKey = z.strictObject({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  d: z.string(),
});
const membership = z.strictObject({
  mspId: z.string(),
  certificate: z.string(),
  channel: z.string(),
  chaincode: z.string(),
});
const content = z.strictObject({
  version: z.literal(version),
  /** Chain address of the patient. */
  address: z.string(),
  signingKey: privateKey,
  /** The one that others wrap for first, then those before it. */
  encryptionKeys: z.array(privateKey).min(1),
  membership: membership.optional(),
});
export type Membership = z.infer<typeof membership>;
/** What of a wallet is kept. */
export type WalletContent = z.infer<typeof content>;

/** The members of a private key that say what it is. */
export function privateKeyOf({ kty, crv, x, y, d }: JWK): z.infer<typeof privateKey> {
  return privateKey.parse({ kty, crv, x, y, d });
}

/** A compact JWE, its key derived from the passphrase. */
export async function sealWallet(kept: Omit<WalletContent, 'version'>, passphrase: string): Promise<string> {
  return new CompactEncrypt(utf8(JSON.stringify({ version, ...kept })))
    .setProtectedHeader({ alg: keyManagement, enc: 'A256GCM', cty: contentType })
    .setKeyManagementParameters({ p2c: rounds })
    .encrypt(utf8(passphrase));
}

/** @throws {@link WalletUnreadableError} */
export async function openWallet(file: string, passphrase: string): Promise<WalletContent> {
  const opened = await compactDecrypt(file.trim(), utf8(passphrase), {
    keyManagementAlgorithms: [keyManagement],
    contentEncryptionAlgorithms: ['A256GCM'],
    maxPBES2Count: mostRounds,
  }).catch((error: unknown) => {
    throw new WalletUnreadableError('it is no wallet, was altered, or has another passphrase', {
      cause: error,
    });
  });
  const parsed = content.safeParse(JSON.parse(textOf(opened.plaintext)));
  if (opened.protectedHeader.cty !== contentType || !parsed.success)
    throw new WalletUnreadableError('it is of another version', { cause: parsed.error });
  return parsed.data;
}
