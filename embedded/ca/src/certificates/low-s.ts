/** Orders of the curves. Fabric refuses signatures whose second number is above half of it, as they are malleable. */
const orders: Readonly<Record<string, bigint>> = {
  prime256v1: BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'),
  secp384r1: BigInt(
    '0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
  ),
  secp521r1: BigInt(
    '0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409',
  ),
};

/** The second number of a DER signature: SEQUENCE { INTEGER r, INTEGER s }, of less than 256 bytes. */
function secondNumber(signature: Buffer): bigint | undefined {
  const first = signature[1] === 0x81 ? 3 : 2;
  const start = first + 2 + (signature[first + 1] ?? 0);
  const length = signature[start + 1] ?? 0;
  const s = signature.subarray(start + 2, start + 2 + length);
  return s.length === length && length > 0 ? BigInt(`0x${s.toString('hex')}`) : undefined;
}

/** True if the second number of a DER signature is in the lower half, on a curve by the name that OpenSSL gives it. */
export function isLowS(signature: Buffer, curve = 'prime256v1'): boolean {
  const s = secondNumber(signature);
  const order = orders[curve];
  return s !== undefined && order !== undefined && s <= order >> 1n;
}
