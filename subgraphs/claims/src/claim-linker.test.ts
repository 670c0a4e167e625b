import { expect, test } from '@jest/globals';
import { createECDH, createPrivateKey, type KeyObject } from 'node:crypto';
import { createEnvelopeService } from '@medigraph/platform/envelope';
import { type primitives } from '@medigraph/schema';
import { readSealedClaim } from './claim-linker.js';
import { type ClaimsContext } from './context.js';
import { type ClaimDocument } from './read-model.js';

const envelopes = createEnvelopeService();

function makeKey(kid: string): { publicKey: primitives.EncryptionKey; privateKey: KeyObject } {
  const ecdh = createECDH('prime256v1');
  const point = ecdh.generateKeys();
  const part = (from: number): string => point.subarray(from, from + 32).toString('base64url');
  const publicKey = { kty: 'EC', crv: 'P-256', x: part(1), y: part(33), kid } as const;
  const jwk = { ...publicKey, d: ecdh.getPrivateKey().toString('base64url').padStart(43, 'A') };
  return { publicKey, privateKey: createPrivateKey({ key: jwk, format: 'jwk' }) };
}

const [first, second, foreign] = [makeKey('first'), makeKey('second'), makeKey('foreign')];
const resource = { resourceType: 'Claim', id: 'claim-1' };

/** What an insurer with these keys, newest first, reads of a claim that was sealed for the first. */
async function readWith(...privateKeys: KeyObject[]): Promise<unknown> {
  const { body, keys, sha256 } = await envelopes.seal('claim-1', Buffer.from(JSON.stringify(resource)), [
    { id: 'insurer-a', key: first.publicKey },
  ]);
  const context = {
    services: { envelopes, custody: { decryptionKeys: () => Promise.resolve(privateKeys) } },
    viewer: () => Promise.resolve({ role: 'insurer', institution: 'insurer-a' }),
    placeOf: (channel: string) => ({ channel, chaincode: 'claims' }),
    evaluate: () => Promise.resolve({ claim: { sha256 }, body, keys }),
  };
  const document = { _id: 'claims/claim-1', id: 'claim-1', transaction: { channel: 'claims' } };
  return readSealedClaim(context as unknown as ClaimsContext, document as ClaimDocument);
}

test('a claim stays readable once its reader has another key', async () => {
  expect(await readWith(first.privateKey)).toEqual(resource);
  expect(await readWith(second.privateKey, first.privateKey)).toEqual(resource);
});

test('a claim is not read with keys that it was not sealed for, nor with none', async () => {
  expect(await readWith(foreign.privateKey, second.privateKey)).toMatchObject({ code: 'KEY_UNWRAP_FAILED' });
  expect(await readWith()).toMatchObject({ code: 'KEY_NOT_FOUND' });
});
