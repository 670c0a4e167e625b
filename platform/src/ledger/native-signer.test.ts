import { createPublicKey, generateKeyPairSync, verify, X509Certificate } from 'node:crypto';
import { testOrganization } from '../testing/organization.js';
import { chainAddressOf } from './chain-address.js';
import { signMessage } from './native-signer.js';

const halfOrder = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n >> 1n;
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** The two integers of an ECDSA signature in DER, refusing what strict DER refuses. */
function integersOf(signature: Buffer): bigint[] {
  expect(signature[0]).toBe(0x30);
  expect(signature[1]).toBe(signature.length - 2);
  const integers: bigint[] = [];
  for (let at = 2; at < signature.length;) {
    expect(signature[at]).toBe(0x02);
    const length = signature[at + 1] ?? 0;
    const digits = signature.subarray(at + 2, at + 2 + length);
    expect((digits[0] ?? 0) < 0x80).toBe(true);
    if (digits.length > 1 && digits[0] === 0) expect((digits[1] ?? 0) >= 0x80).toBe(true);
    integers.push(BigInt(`0x${digits.toString('hex')}`));
    at += 2 + length;
  }
  return integers;
}

describe('signMessage', () => {
  test('makes valid signatures in strict DER with S in the lower half, over many messages', () => {
    for (let number = 0; number < 2_000; number += 1) {
      const message = Buffer.from(`message ${number}`);
      const signature = signMessage(message, privateKey);
      expect(verify('sha256', message, publicKey, signature)).toBe(true);
      const [, s = 0n] = integersOf(signature);
      expect(s <= halfOrder).toBe(true);
    }
  });
});

describe('chainAddressOf', () => {
  test('is the same for a key, its public part, its PEM and its certificate', async () => {
    const { client } = await testOrganization();
    const certificate = new X509Certificate(client.certificate);
    const address = chainAddressOf(client.certificate);
    expect(address).toMatch(/^[0-9a-f]{40}$/);
    expect(chainAddressOf(certificate.publicKey)).toBe(address);
    expect(chainAddressOf(client.privateKey)).toBe(address);
    expect(chainAddressOf(createPublicKey(client.privateKey))).toBe(address);
    expect(chainAddressOf(privateKey)).not.toBe(address);
  });
});
