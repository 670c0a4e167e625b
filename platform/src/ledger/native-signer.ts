import { sign, type KeyObject } from 'node:crypto';
import { type Signer } from '@hyperledger/fabric-gateway';

/** Order of the group of P-256. */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const halfOrder = order >> 1n;
const scalarBytes = 32;

/** DER of an unsigned integer: no leading zeros, but one if the first bit would read as a sign. */
function derInteger(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const digits = bytes.subarray(start);
  const padding = (digits[0] ?? 0) >= 0x80 ? [0] : [];
  return Buffer.concat([Buffer.from([0x02, digits.length + padding.length, ...padding]), digits]);
}

function lowS(s: Buffer): Buffer {
  // Most of the time the first byte decides, which spares the arithmetic.
  if ((s[0] ?? 0) < 0x7f) return s;
  const value = BigInt(`0x${s.toString('hex')}`);
  if (value <= halfOrder) return s;
  return Buffer.from((order - value).toString(16).padStart(scalarBytes * 2, '0'), 'hex');
}

/** ECDSA over SHA-256 of the message as Fabric wants it: DER, and S in the lower half of the group's order. */
export function signMessage(message: Uint8Array, privateKey: KeyObject): Buffer {
  const signature = sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const r = derInteger(signature.subarray(0, scalarBytes));
  const s = derInteger(lowS(signature.subarray(scalarBytes)));
  return Buffer.concat([Buffer.from([0x30, r.length + s.length]), r, s]);
}

/**
 * A signer for the gateway client that signs in OpenSSL. Give it with `hash.none`: it hashes by itself. It signs on the
 * calling thread, since a signature takes less time than a way to the thread pool and back.
 */
export function nativeSigner(privateKey: KeyObject): Signer {
  return (message) => Promise.resolve(signMessage(message, privateKey));
}
