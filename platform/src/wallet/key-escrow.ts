/** Decryption keys sealed under a secret that guardians have shares of (Shamir), as `care.KeyEscrow` has it. */
import { type care } from '@medigraph/schema';
import { CompactEncrypt, compactDecrypt, type JWK } from 'jose';
import { combine, split } from 'shamir-secret-sharing';
import { z } from 'zod';
import { KeyUnwrapError } from '../envelope/errors.js';
import { hex, sha256, textOf, utf8 } from './bytes.js';
import { type KeyRecipient, wrapKey } from './entry-sealing.js';
import { ShareForgedError, SharesInsufficientError } from './errors.js';
import { privateKey, privateKeyOf } from './wallet-file.js';

const contentType = 'medigraph-key-escrow';
const secretBytes = 32;
/** Keys that one escrow carries: former ones that long ago are wrapped for no entry any more. */
const mostKeys = 20;

/** Unwraps with whichever private key it was wrapped for. */
type Unwrap = (wrapped: string) => Promise<Uint8Array>;

/**
 * Seals keys so that any `threshold` of the guardians together open them.
 * @param keys - Private keys, newest first.
 * @param threshold - At least two: of one, every guardian alone would have the keys.
 */
export async function sealEscrow(
  keys: readonly JWK[],
  guardians: readonly KeyRecipient[],
  threshold: number,
): Promise<care.KeyEscrow> {
  const secret = crypto.getRandomValues(new Uint8Array(secretBytes));
  const kept = keys.slice(0, mostKeys).map(privateKeyOf);
  const sealed = await new CompactEncrypt(utf8(JSON.stringify(kept)))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', cty: contentType })
    .encrypt(secret);
  const shares = await split(secret, guardians.length, threshold);
  const wrapped = await Promise.all(
    guardians.map(async (guardian, index): Promise<[string, care.SealedShare]> => {
      const share = shares[index] ?? new Uint8Array();
      return [guardian.id, { share: await wrapKey(share, guardian), sha256: hex(await sha256(share)) }];
    }),
  );
  return { keys: sealed, shares: Object.fromEntries(wrapped) };
}

/** A guardian's share, for the key that followed. @throws `SHARE_FORGED`, `KEY_UNWRAP_FAILED` */
export async function passOnShare(
  guardian: string,
  { share, sha256: digest }: care.SealedShare,
  unwrap: Unwrap,
  recipient: KeyRecipient,
): Promise<string> {
  const bytes = await unwrap(share);
  if (hex(await sha256(bytes)) !== digest) throw new ShareForgedError([guardian]);
  return wrapKey(bytes, recipient);
}

/**
 * The keys, from the shares that were handed over. Forged ones are left out as long as there are enough without them.
 * @throws `SHARE_FORGED`, `SHARES_INSUFFICIENT`, `KEY_UNWRAP_FAILED`
 */
export async function openEscrow(
  { threshold, keys, shares }: care.RecoveredKeys,
  unwrap: Unwrap,
): Promise<JWK[]> {
  const found = await Promise.all(shares.map((handed) => genuineShare(handed, unwrap)));
  const genuine = found.filter((share) => share !== undefined);
  const forged = shares.flatMap(({ guardian }, index) => (found[index] === undefined ? [guardian] : []));
  if (genuine.length < threshold) {
    if (forged.length > 0) throw new ShareForgedError(forged);
    throw new SharesInsufficientError(genuine.length, threshold);
  }
  const { plaintext, protectedHeader } = await combine(genuine.slice(0, threshold))
    .then((secret) =>
      compactDecrypt(keys, secret, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      }),
    )
    .catch((cause: unknown) => {
      throw new KeyUnwrapError('the shares of the guardians do not open it', { cause });
    });
  if (protectedHeader.cty !== contentType) throw new KeyUnwrapError('it holds no decryption keys');
  return z
    .array(privateKey)
    .min(1)
    .parse(JSON.parse(textOf(plaintext)));
}

async function genuineShare(
  { share, sha256: digest }: care.HandedShare,
  unwrap: Unwrap,
): Promise<Uint8Array | undefined> {
  try {
    const bytes = await unwrap(share);
    return hex(await sha256(bytes)) === digest ? bytes : undefined;
  } catch (error) {
    if (error instanceof KeyUnwrapError) return undefined;
    throw error;
  }
}
