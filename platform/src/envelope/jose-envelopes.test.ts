import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { compactDecrypt, CompactEncrypt, decodeProtectedHeader } from 'jose';
import { primitives } from '@medigraph/schema';
import { createEnvelopeService, type Recipient } from './index.js';

const envelopes = createEnvelopeService();
const plaintext = Buffer.from('{"resourceType":"Observation","valueQuantity":{"value":42}}');
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

function recipient(id: string): Recipient & { privateKey: KeyObject } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { id, key: { kty: 'EC', crv: 'P-256', x, y, kid: id }, privateKey };
}
const alice = recipient('0'.repeat(40));
const hospital = recipient('hospital-a');

/** The same compact JWE with one bit of one of its five parts turned over. */
function flip(jwe: string, part: number): string {
  const parts = jwe.split('.').map((text) => Buffer.from(text, 'base64url'));
  const bytes = parts[part];
  if (!bytes || bytes.length === 0) throw new Error(`There is nothing in part ${part}.`);
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) ^ 1;
  return parts.map((bytes) => bytes.toString('base64url')).join('.');
}

describe('an envelope', () => {
  test('opens for each recipient and fits the ledger’s model', async () => {
    const sealed = await envelopes.seal('entry-1', plaintext, [alice, hospital]);
    expect(sealed.size).toBe(plaintext.length);
    expect(sealed.sha256).toBe(digest(sealed.body));
    expect(primitives.sealedBody.safeParse(sealed.body).success).toBe(true);
    expect(Object.keys(sealed.keys)).toEqual([alice.id, hospital.id]);
    for (const { id, privateKey } of [alice, hospital]) {
      const wrapped = sealed.keys[id] ?? '';
      expect(primitives.wrappedKey.safeParse(wrapped).success).toBe(true);
      const key = await envelopes.unwrap(wrapped, privateKey);
      expect(Buffer.from(await envelopes.open('entry-1', sealed.body, sealed.sha256, key))).toEqual(
        plaintext,
      );
    }
  });

  test('is plain JWE: jose opens it with nothing of ours', async () => {
    const sealed = await envelopes.seal('entry-1', plaintext, [alice]);
    const wrapped = sealed.keys[alice.id] ?? '';
    expect(decodeProtectedHeader(wrapped)).toMatchObject({
      alg: 'ECDH-ES+A256KW',
      enc: 'A256GCM',
      kid: alice.id,
    });
    const key = await compactDecrypt(wrapped, alice.privateKey);
    const body = await compactDecrypt(sealed.body, key.plaintext);
    expect(Buffer.from(body.plaintext)).toEqual(plaintext);
    expect(body.protectedHeader).toEqual({ alg: 'dir', enc: 'A256GCM', kid: 'entry-1' });
  });

  test('has a content key of its own each time', async () => {
    const first = await envelopes.seal('entry-1', plaintext, [alice]);
    const second = await envelopes.seal('entry-1', plaintext, [alice]);
    expect(first.body).not.toBe(second.body);
    const key = await envelopes.unwrap(second.keys[alice.id] ?? '', alice.privateKey);
    await expect(envelopes.open('entry-1', first.body, first.sha256, key)).rejects.toMatchObject({
      code: 'BODY_TAMPERED',
    });
  });

  test('is refused under another id, and under another digest', async () => {
    const sealed = await envelopes.seal('entry-1', plaintext, [alice]);
    const key = await envelopes.unwrap(sealed.keys[alice.id] ?? '', alice.privateKey);
    await expect(envelopes.open('entry-2', sealed.body, sealed.sha256, key)).rejects.toMatchObject({
      code: 'BODY_TAMPERED',
    });
    await expect(envelopes.open('entry-1', sealed.body, digest('else'), key)).rejects.toMatchObject({
      code: 'BODY_TAMPERED',
    });
  });

  test.each([0, 2, 3, 4])(
    'is refused with a bit of part %i turned over, though its digest fits',
    async (part) => {
      const sealed = await envelopes.seal('entry-1', plaintext, [alice]);
      const key = await envelopes.unwrap(sealed.keys[alice.id] ?? '', alice.privateKey);
      const altered = flip(sealed.body, part);
      await expect(envelopes.open('entry-1', altered, digest(altered), key)).rejects.toMatchObject({
        code: 'BODY_TAMPERED',
      });
    },
  );

  test('is refused when cut short, empty or no JWE', async () => {
    const sealed = await envelopes.seal('entry-1', plaintext, [alice]);
    const key = await envelopes.unwrap(sealed.keys[alice.id] ?? '', alice.privateKey);
    for (const broken of [sealed.body.slice(0, -8), sealed.body.slice(0, 40), '', '....', 'nonsense']) {
      await expect(envelopes.open('entry-1', broken, digest(broken), key)).rejects.toMatchObject({
        code: 'BODY_TAMPERED',
      });
    }
  });
});

describe('a wrapped key', () => {
  test('does not unwrap for somebody else', async () => {
    const wrapped = await envelopes.wrap(randomBytes(32), alice);
    await expect(envelopes.unwrap(wrapped, hospital.privateKey)).rejects.toMatchObject({
      code: 'KEY_UNWRAP_FAILED',
    });
  });

  test.each([0, 1, 2, 3, 4])('does not unwrap with a bit of part %i turned over', async (part) => {
    const wrapped = await envelopes.wrap(randomBytes(32), alice);
    await expect(envelopes.unwrap(flip(wrapped, part), alice.privateKey)).rejects.toMatchObject({
      code: 'KEY_UNWRAP_FAILED',
    });
  });

  test('does not unwrap under another algorithm, or if it is no content key', async () => {
    const key = createPublicKey(alice.privateKey);
    const otherAlgorithm = await new CompactEncrypt(randomBytes(32))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM' })
      .encrypt(key);
    const shortKey = await new CompactEncrypt(randomBytes(16))
      .setProtectedHeader({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM' })
      .encrypt(key);
    for (const wrapped of [otherAlgorithm, shortKey, '', 'a.b.c.d.e']) {
      await expect(envelopes.unwrap(wrapped, alice.privateKey)).rejects.toMatchObject({
        code: 'KEY_UNWRAP_FAILED',
      });
    }
  });

  test('is not made for a public key that is off the curve', async () => {
    const off = { ...alice.key, x: alice.key.y };
    await expect(envelopes.wrap(randomBytes(32), { id: 'mallory', key: off })).rejects.toMatchObject({
      code: 'RECIPIENT_KEY_INVALID',
    });
  });
});
