import { concatenated, hex } from './bytes.js';

/** Order of the group of P-256. */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const scalarBytes = 32;

function derInteger(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const digits = bytes.subarray(start);
  const padding = (digits[0] ?? 0) >= 0x80 ? [0] : [];
  return Uint8Array.of(0x02, digits.length + padding.length, ...padding, ...digits);
}

function lowS(s: Uint8Array): Uint8Array {
  const value = BigInt(`0x${hex(s)}`);
  if (value <= order >> 1n) return s;
  const digits = (order - value).toString(16).padStart(scalarBytes * 2, '0');
  return Uint8Array.from({ length: scalarBytes }, (_, index) =>
    Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16),
  );
}

/**
 * A signature as Fabric takes it (DER, S in the lower half of the group's order), from the form in which Web Crypto
 * makes it (R and S of 32 bytes each).
 */
export function fabricSignature(signature: Uint8Array): Uint8Array {
  const r = derInteger(signature.subarray(0, scalarBytes));
  const s = derInteger(lowS(signature.subarray(scalarBytes)));
  return concatenated(Uint8Array.of(0x30, r.length + s.length), r, s);
}
