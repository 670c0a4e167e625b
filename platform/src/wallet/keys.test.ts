import { createPublicKey, verify } from 'node:crypto';
import { chainAddressOf } from '../ledger/index.js';
import { fromBase64 } from './bytes.js';
import { SigningKey } from './keys.js';

/** Half the order of the group of P-256. */
const halfOrder = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n >> 1n;

/** S of a signature in DER. */
function scalarS(der: Uint8Array): bigint {
  const s = der.subarray(4 + (der[3] ?? 0) + 2);
  return BigInt(`0x${Buffer.from(s).toString('hex')}`);
}

test('signatures are DER with a low S, and verify', async () => {
  const key = await SigningKey.create();
  const publicKey = createPublicKey({
    key: Buffer.from(key.publicKey, 'base64'),
    format: 'der',
    type: 'spki',
  });
  expect(key.address).toBe(chainAddressOf(publicKey));
  for (let count = 0; count < 300; count += 1) {
    const message = crypto.getRandomValues(new Uint8Array(count));
    const signature = fromBase64(await key.signForLedger(message));
    expect(verify('sha256', message, publicKey, signature)).toBe(true);
    expect(scalarS(signature) <= halfOrder).toBe(true);
  }
});
