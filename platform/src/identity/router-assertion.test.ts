import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { jest } from '@jest/globals';
import { type Caller } from './caller.js';
import { UnauthenticatedError } from './errors.js';
import { assertionKeys } from './assertion-keys.js';
import { AssertionSigner, AssertionVerifier } from './router-assertion.js';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signer = await AssertionSigner.create(privateKey);
const keys = await assertionKeys(signer.jwks);
const body = '{"query":"{ me { id } }"}';
const caller: Caller = {
  subject: 'hospital-a/dr-test',
  role: 'practitioner',
  mspId: 'HospitalAMSP',
  institution: 'hospital-a',
  clientId: 'app',
  acr: 'urn:medigraph:acr:mfa',
  authenticatedAt: 1_700_000_000,
  scopes: new Set(['medigraph', 'openid']),
  expiresAt: Math.floor(Date.now() / 1000) + 600,
};
const claims = () => new AssertionVerifier('claims', keys);
const reasonOf = (verify: () => unknown): unknown => {
  try {
    verify();
    return 'taken';
  } catch (error) {
    if (!(error instanceof UnauthenticatedError)) throw error;
    return error.reason;
  }
};
/** An assertion of the router's key that says something else. */
const forged = (change: object, header: object = {}): string => {
  const [head = '', payload = ''] = signer.sign(caller, { subgraph: 'claims', body }).split('.');
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as object;
  const write = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${write({ ...read(head), ...header })}.${write({ ...read(payload), ...change })}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
};

afterEach(() => {
  jest.useRealTimers();
});

test('an assertion names the caller, with all that the token says', () => {
  expect(claims().verify(signer.sign(caller, { subgraph: 'claims', body }), body)).toEqual(caller);
});

test('nobody can be asserted too', () => {
  expect(claims().verify(signer.sign(undefined, { subgraph: 'claims', body }), body)).toBeUndefined();
});

test('is good once', () => {
  const verifier = claims();
  const assertion = signer.sign(caller, { subgraph: 'claims', body });
  expect(reasonOf(() => verifier.verify(assertion, body))).toBe('taken');
  expect(reasonOf(() => verifier.verify(assertion, body))).toBe('replay');
});

test('is good for its subgraph, body and time alone', () => {
  const assertion = signer.sign(caller, { subgraph: 'claims', body });
  expect(reasonOf(() => new AssertionVerifier('patients', keys).verify(assertion, body))).toBe('audience');
  expect(reasonOf(() => claims().verify(assertion, `${body} `))).toBe('body');
  jest.useFakeTimers({ now: Date.now() + 36_000, doNotFake: ['performance'] });
  expect(reasonOf(() => claims().verify(assertion, body))).toBe('time');
  jest.useFakeTimers({ now: Date.now() - 80_000, doNotFake: ['performance'] });
  expect(reasonOf(() => claims().verify(assertion, body))).toBe('time');
});

test('is refused with any other key, header or shape', async () => {
  const other = await AssertionSigner.create(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  expect(reasonOf(() => claims().verify(other.sign(caller, { subgraph: 'claims', body }), body))).toBe('key');
  const [head, , signature] = signer.sign(caller, { subgraph: 'claims', body }).split('.');
  const [, payload] = signer.sign({ ...caller, role: 'operator' }, { subgraph: 'claims', body }).split('.');
  expect(reasonOf(() => claims().verify(`${head}.${payload}.${signature}`, body))).toBe('signature');
  expect(reasonOf(() => claims().verify(forged({}, { alg: 'none' }), body))).toBe('malformed');
  expect(reasonOf(() => claims().verify(forged({}, { typ: 'at+jwt' }), body))).toBe('malformed');
  expect(reasonOf(() => claims().verify(forged({ jti: '' }), body))).toBe('malformed');
  expect(reasonOf(() => claims().verify(forged({ caller: { sub: 'x' } }), body))).toBe('claims');
  for (const garbage of ['', '..', 'a.b.c', `${'a'.repeat(20_000)}.b.c`, 'e30.e30.e30', 'bnVsbA.bnVsbA.x'])
    expect(reasonOf(() => claims().verify(garbage, body))).toBe('malformed');
});

test('does not outlive the token', () => {
  const old = { ...caller, expiresAt: Math.floor(Date.now() / 1000) - 1 };
  const assertion = signer.sign(old, { subgraph: 'claims', body });
  expect(reasonOf(() => claims().verify(assertion, body))).toBe('expired');
});

test('covers the digest of the body, as the standard library computes it', () => {
  const [, payload = ''] = signer.sign(caller, { subgraph: 'claims', body }).split('.');
  expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
    body: createHash('sha256').update(body).digest('base64url'),
  });
});

test('is signed with P-256 alone', async () => {
  const { privateKey: other, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  for (const key of [other, publicKey, generateKeyPairSync('ed25519').privateKey])
    await expect(AssertionSigner.create(key)).rejects.toThrow('P-256');
});
