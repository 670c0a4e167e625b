/** Order of the P-256 group, and half of it: the network refuses signatures whose s is above that, as they are malleable. */
const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
const halfOrder = order >> 1n;
/** The same half as bytes, to compare without arithmetic. */
const halfOrderBytes = Buffer.from(halfOrder.toString(16).padStart(64, '0'), 'hex');

/** r and s of an ECDSA signature in DER, as unsigned big-endian numbers; undefined if it is not well-formed. */
function split(signature: Buffer): { r: Buffer; s: Buffer } | undefined {
  if (signature.length < 8 || signature[0] !== 0x30 || signature[1] !== signature.length - 2)
    return undefined;
  const r = integerAt(signature, 2);
  if (r === undefined) return undefined;
  const s = integerAt(signature, r.end);
  if (s === undefined || s.end !== signature.length) return undefined;
  return { r: r.value, s: s.value };
}

/** A positive DER integer with no more leading zeros than its sign needs. */
function integerAt(der: Buffer, start: number): { value: Buffer; end: number } | undefined {
  const length = der[start + 1];
  if (der[start] !== 0x02 || length === undefined || length === 0 || length > 33) return undefined;
  const end = start + 2 + length;
  const value = der.subarray(start + 2, end);
  const first = value[0];
  if (value.length !== length || first === undefined || first >= 0x80) return undefined;
  if (first !== 0) return { value, end };
  const second = value[1];
  return second !== undefined && second >= 0x80 ? { value: value.subarray(1), end } : undefined;
}

/** True for a well-formed DER signature over P-256 whose s is in the lower half. */
export function isLowS(signature: Buffer): boolean {
  const parts = split(signature);
  if (parts === undefined) return false;
  if (parts.s.length < halfOrderBytes.length) return true;
  return parts.s.length === halfOrderBytes.length && parts.s.compare(halfOrderBytes) <= 0;
}

function derInteger(value: Buffer): Buffer {
  const padded = (value[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), value]) : value;
  return Buffer.concat([Buffer.of(0x02, padded.length), padded]);
}

/** The equivalent signature whose s is in the lower half. */
export function toLowS(signature: Buffer): Buffer {
  const parts = split(signature);
  if (parts === undefined || isLowS(signature)) return signature;
  const s = (order - BigInt(`0x${parts.s.toString('hex')}`)).toString(16);
  const body = Buffer.concat([
    derInteger(parts.r),
    derInteger(Buffer.from(s.padStart(s.length + (s.length % 2), '0'), 'hex')),
  ]);
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
}
