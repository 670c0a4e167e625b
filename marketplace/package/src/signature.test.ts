import { beforeAll, describe, expect, test } from '@jest/globals';
import { publishedPayload } from '@medigraph/schema/dapps';
import { CompactSign } from 'jose';
import { sign } from 'node:crypto';
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

  test.each([
    ['whose header has its own key', { jwk: { kty: 'EC' } }],
    ['whose payload is written otherwise', { b64: false, crit: ['b64'] }],
  ])('a signature %s', async (_what, more) => {
    const payload = Buffer.from(publishedPayload(claims)).toString('base64url');
    const header = { alg: 'ES256', kid: key.kid, typ: 'medigraph-dapp+jws', ...more };
    const signed = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}`;
    const value = sign('sha256', Buffer.from(signed), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
    const signature = signed.replace(payload, `.${value.toString('base64url')}`);
    await expect(verifySignature(claims, signature, [key.publicKey])).rejects.toMatchObject(invalid);
  });

  test.each(['==', '\n', '.', '.eyJ9'])('a signature with %j behind it', async (more) => {
    const signature = `${await signPackage(claims, key)}${more}`;
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
