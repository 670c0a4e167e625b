import { beforeAll, describe, expect, test } from '@jest/globals';
import { CompactSign } from 'jose';
import {
  decryptKey,
  encryptKey,
  generatePublisherKey,
  type PublisherKey,
  signPackage,
  verifySignature,
} from './index.js';

const claims = { dapp: 'appointments', version: '1.0.0', package: 'a'.repeat(64) };
let key: PublisherKey;
let other: PublisherKey;

beforeAll(async () => {
  [key, other] = await Promise.all([generatePublisherKey(), generatePublisherKey()]);
});

const invalid = { name: 'PackageError', code: 'SIGNATURE_INVALID' };

test('a signature names its key and holds for these bytes', async () => {
  const signature = await signPackage(claims, key);
  await expect(verifySignature(claims, signature, [other.publicKey, key.publicKey])).resolves.toBe(key.kid);
});

describe('refused is', () => {
  test.each([
    ['another package', { package: 'b'.repeat(64) }],
    ['another version', { version: '1.0.1' }],
    ['another DApp', { dapp: 'apointments' }],
  ])('a signature of %s', async (_what, change) => {
    const signature = await signPackage({ ...claims, ...change }, key);
    await expect(verifySignature(claims, signature, [key.publicKey])).rejects.toMatchObject(invalid);
  });

  test('a key that is not the publisher’s', async () => {
    const signature = await signPackage(claims, other);
    await expect(verifySignature(claims, signature, [key.publicKey])).rejects.toMatchObject(invalid);
  });

  test('another’s signature under the name of the publisher’s key', async () => {
    const signature = await signPackage(claims, { ...other, kid: key.kid });
    await expect(verifySignature(claims, signature, [key.publicKey])).rejects.toMatchObject(invalid);
  });

  test.each(['', '..', 'a.b.c', 'eyJhbGciOiJub25lIn0..'])('%j', async (signature) => {
    await expect(verifySignature(claims, signature, [key.publicKey])).rejects.toMatchObject(invalid);
  });

  test('a signature that the key made for something else', async () => {
    const payload = Buffer.from(
      JSON.stringify({ dapp: claims.dapp, package: claims.package, version: claims.version }),
    );
    const jws = await new CompactSign(payload)
      .setProtectedHeader({ alg: 'ES256', kid: key.kid, typ: 'JWT' })
      .sign(key.privateKey);
    const [header = '', , value = ''] = jws.split('.');
    await expect(verifySignature(claims, `${header}..${value}`, [key.publicKey])).rejects.toMatchObject(
      invalid,
    );
  });
});

test('a key at rest is opened by its passphrase alone', async () => {
  const pem = encryptKey(key, 'correct horse');
  expect(pem).toContain('ENCRYPTED PRIVATE KEY');
  await expect(decryptKey(pem, 'correct horse')).resolves.toMatchObject({
    kid: key.kid,
    publicKey: key.publicKey,
  });
  await expect(decryptKey(pem, 'wrong')).rejects.toMatchObject({ code: 'KEY_UNREADABLE' });
  await expect(decryptKey('nonsense', 'x')).rejects.toMatchObject({ code: 'KEY_UNREADABLE' });
});
