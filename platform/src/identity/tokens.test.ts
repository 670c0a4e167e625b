import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { createHmac, randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { temporaryFolder } from '../testing/temporary-folder.js';
import {
  createTokenIssuer,
  createTokenVerifier,
  type RotatingTokenIssuer,
  SealedStore,
  type TokenVerifier,
} from './index.js';

const issuerName = 'https://issuer.example';
const address = 'a'.repeat(40);
const practitioner = {
  subject: 'hospital-a/dr-grey',
  role: 'practitioner',
  mspId: 'HospitalAMSP',
  institution: 'hospital-a',
  scopes: ['records.read', 'records.write'],
} as const;
const patient = {
  subject: address,
  role: 'patient',
  mspId: 'PatientsMSP',
  patient: address,
  scopes: [],
} as const;

const folder = temporaryFolder();
let issuer: RotatingTokenIssuer;
let verifier: TokenVerifier;

beforeAll(async () => {
  const store = await SealedStore.open({ folder });
  issuer = await createTokenIssuer({ store, issuer: issuerName });
  verifier = createTokenVerifier({ issuer: issuerName, keys: issuer });
});

const now = (): number => Math.floor(Date.now() / 1000);
const claims = {
  sub: practitioner.subject,
  role: practitioner.role,
  msp_id: practitioner.mspId,
  institution: practitioner.institution,
  scope: 'records.read',
};

/** A verifier that trusts a key of the test, and tokens signed with it at will. */
async function forge() {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'test', alg: 'ES256' };
  const trusting = createTokenVerifier({
    issuer: issuerName,
    keys: { jwks: () => Promise.resolve({ keys: [jwk] }) },
  });
  const sign = (payload: Record<string, unknown>, header: Record<string, unknown> = {}): Promise<string> =>
    new SignJWT({ iss: issuerName, aud: 'medigraph', iat: now(), exp: now() + 60, ...claims, ...payload })
      .setProtectedHeader({ alg: 'ES256', kid: 'test', typ: 'at+jwt', ...header })
      .sign(privateKey);
  return { trusting, sign, jwk };
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a token', () => {
  test('of a practitioner names its caller', async () => {
    const caller = await verifier.verify(await issuer.issue(practitioner, 60));
    expect(caller).toMatchObject({
      subject: 'hospital-a/dr-grey',
      role: 'practitioner',
      mspId: 'HospitalAMSP',
      institution: 'hospital-a',
    });
    expect([...caller.scopes]).toEqual(['records.read', 'records.write']);
    expect(caller.patient).toBeUndefined();
    expect(caller.expiresAt).toBeGreaterThan(now() + 50);
  });

  test('of a patient names the chain address', async () => {
    const caller = await verifier.verify(await issuer.issue(patient, 60));
    expect(caller).toMatchObject({ subject: address, role: 'patient', patient: address });
    expect(caller.institution).toBeUndefined();
    expect(caller.scopes.size).toBe(0);
  });

  test('is issued for no impossible caller', async () => {
    for (const wrong of [
      { ...patient, subject: 'b'.repeat(40) },
      { ...patient, institution: 'hospital-a' },
      { ...practitioner, patient: address },
      { ...practitioner, subject: 'hospital-b/dr-grey' },
    ]) {
      await expect(issuer.issue(wrong, 60)).rejects.toMatchObject({
        code: 'UNAUTHENTICATED',
        reason: 'claims',
      });
    }
  });

  test('survives a restart of its issuer and two rotations of the key', async () => {
    const token = await issuer.issue(practitioner, 60);
    await issuer.rotate();
    await issuer.rotate();
    const again = await createTokenIssuer({ store: await SealedStore.open({ folder }), issuer: issuerName });
    const fresh = createTokenVerifier({ issuer: issuerName, keys: again });
    await expect(fresh.verify(token)).resolves.toMatchObject({ subject: practitioner.subject });
    await again.rotate();
    const later = createTokenVerifier({ issuer: issuerName, keys: again });
    await expect(later.verify(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED', reason: 'key' });
  });
});

describe('a forged or stale token is UNAUTHENTICATED:', () => {
  test.each([
    ['nothing', '', 'missing'],
    ['no JWT', 'abc', 'malformed'],
    ['too long', 'a'.repeat(9_000), 'malformed'],
    ['alg none', `${part({ alg: 'none', typ: 'at+jwt' })}.${part(claims)}.`, 'algorithm'],
  ])('%s', async (_name, token, reason) => {
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED', reason });
  });

  test.each([
    ['expired', { exp: now() - 60 }, 'expired'],
    ['without expiry', { exp: undefined }, 'exp'],
    ['not valid yet', { nbf: now() + 600 }, 'nbf'],
    ['from the future', { iat: now() + 600 }, 'iat'],
    ['older than the maximum age', { iat: now() - 100_000 }, 'expired'],
    ['for another audience', { aud: 'elsewhere' }, 'aud'],
    ['of another issuer', { iss: 'https://mallory.example' }, 'iss'],
    ['without subject', { sub: undefined }, 'sub'],
    ['without role', { role: undefined }, 'role'],
    ['without organisation', { msp_id: undefined }, 'msp_id'],
    ['with an unknown role', { role: 'root' }, 'claims'],
    [
      'of a patient under another address',
      { role: 'patient', sub: 'b'.repeat(40), patient: address },
      'claims',
    ],
    ['of a DApp through no client of one', { role: 'dapp', client_id: 'diary' }, 'claims'],
    [
      'of a DApp of no institution',
      { role: 'dapp', client_id: 'dapp:diary', institution: undefined },
      'claims',
    ],
    [
      'of a DApp that names a practitioner',
      { role: 'dapp', client_id: 'dapp:diary', practitioner: 'dr-b' },
      'claims',
    ],
    ['of a practitioner that names a patient', { patient: address }, 'claims'],
    ['with a subject of another institution', { sub: 'hospital-b/x' }, 'claims'],
    ['with scopes that are no string', { scope: ['a'] }, 'claims'],
  ])('%s', async (_name, payload, reason) => {
    const { trusting, sign } = await forge();
    await expect(trusting.verify(await sign(payload))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      reason,
    });
  });

  test('of another type', async () => {
    const { trusting, sign } = await forge();
    await expect(trusting.verify(await sign({}, { typ: 'JWT' }))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      reason: 'typ',
    });
  });

  test('signed by somebody else', async () => {
    const { trusting } = await forge();
    const { sign } = await forge();
    await expect(trusting.verify(await sign({}))).rejects.toMatchObject({ reason: 'signature' });
  });

  test('HS256 with the public key as its secret', async () => {
    const { trusting, jwk } = await forge();
    const payload = { iss: issuerName, aud: 'medigraph', iat: now(), exp: now() + 60, ...claims };
    const signed = `${part({ alg: 'HS256', kid: 'test', typ: 'at+jwt' })}.${part(payload)}`;
    const signature = createHmac('sha256', JSON.stringify(jwk)).update(signed).digest('base64url');
    await expect(trusting.verify(`${signed}.${signature}`)).rejects.toMatchObject({ reason: 'algorithm' });
  });

  test('with another payload under the same signature', async () => {
    const [header, , signature] = (await issuer.issue(practitioner, 60)).split('.');
    const payload = part({
      iss: issuerName,
      aud: 'medigraph',
      iat: now(),
      exp: now() + 60,
      ...claims,
      jti: randomUUID(),
    });
    await expect(verifier.verify([header, payload, signature].join('.'))).rejects.toMatchObject({
      reason: 'signature',
    });
  });

  test('remembered as valid, once it expires', async () => {
    const { trusting, sign } = await forge();
    const token = await sign({ exp: now() - 3 });
    await trusting.verify(token);
    await expect(async () => {
      while (true) await trusting.verify(token);
    }).rejects.toMatchObject({ reason: 'expired' });
  });
});

describe('keys at a URL', () => {
  let server: Server;
  let url: URL;
  let fetches = 0;
  beforeAll(async () => {
    server = createServer((_request, response) => {
      fetches += 1;
      void issuer.jwks().then((keys) => response.end(JSON.stringify(keys)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`);
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  test('are fetched once for many tokens', async () => {
    const remote = createTokenVerifier({ issuer: issuerName, keys: url });
    for (let count = 0; count < 5; count += 1)
      await remote.verify(await issuer.issue(practitioner, 60 + count));
    expect(fetches).toBe(1);
  });

  test('that cannot be fetched are not the token’s fault', async () => {
    const { sign } = await forge();
    const remote = createTokenVerifier({ issuer: issuerName, keys: new URL('http://127.0.0.1:1/jwks.json') });
    await expect(remote.verify(await sign({}))).rejects.toMatchObject({ code: 'IDENTITY_UNAVAILABLE' });
  });
});
