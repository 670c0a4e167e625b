import { sign, verify, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { sha256 } from './hash.js';
import { isLowS, toLowS } from './low-s.js';
import { RecentMap } from './recent.js';

/** A public key together with bytes that name it: the digest of its certificate. */
export interface VerificationKey {
  readonly publicKey: KeyObject;
  readonly fingerprint: Buffer;
}

const remembered = 10_000;
const yes = new RecentMap<string, true>(remembered);

function nameOf(key: VerificationKey, data: Uint8Array, signature: Uint8Array): string {
  return sha256(key.fingerprint, signature, data).toString('latin1');
}

/**
 * Checks an ECDSA P-256 signature over SHA-256, refusing a high s. The same signature over the same bytes is checked at
 * several places of a transaction's way (each endorser, orderer, committer), which in this one process need not each do
 * the arithmetic: signatures found good are remembered, by digest of key, signature and data.
 */
export function isSignedBy(key: VerificationKey, data: Uint8Array, signature: Buffer): boolean {
  if (!isLowS(signature)) return false;
  const name = nameOf(key, data, signature);
  if (yes.get(name) === true) return true;
  if (!verify('sha256', data, key.publicKey, signature)) return false;
  yes.set(name, true);
  return true;
}

const verifyInPool = promisify<string, Uint8Array, KeyObject, Uint8Array, boolean>(verify);

/** As {@link isSignedBy}, in another thread: what is found good, that need not check again. */
export async function verifiesAhead(
  key: VerificationKey,
  data: Uint8Array,
  signature: Buffer,
): Promise<boolean> {
  if (!isLowS(signature)) return false;
  const name = nameOf(key, data, signature);
  if (yes.get(name) === true) return true;
  if (!(await verifyInPool('sha256', data, key.publicKey, signature))) return false;
  yes.set(name, true);
  return true;
}

/** Signs with low s. */
export function signWith(privateKey: KeyObject, key: VerificationKey, data: Uint8Array): Buffer {
  const signature = toLowS(sign('sha256', data, privateKey));
  yes.set(nameOf(key, data, signature), true);
  return signature;
}
