import 'reflect-metadata';
import { BasicConstraintsExtension, Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import {
  authorizationToken,
  type CaEndpoint,
  type CaIdentity,
  certificateRequest,
  exchange,
} from '@medigraph/platform/ca';
import { generateKeyPairSync, webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { TestAuthorities } from './testing/test-authorities.js';

describe('what an authority is sent', () => {
  let authorities: TestAuthorities;
  let endpoint: CaEndpoint;
  let registrar: CaIdentity;
  let login: string;

  beforeAll(async () => {
    authorities = await TestAuthorities.start();
    endpoint = await authorities.endpoint();
    registrar = await authorities.registrar();
    login = `Basic ${Buffer.from(`admin:${await authorities.read('ca/registrar.secret')}`).toString('base64')}`;
  });
  afterAll(() => authorities.stop());

  /** Sends a path exactly as it is given. */
  const raw = async (path: string, method = 'GET', body = '', headers: Record<string, string> = {}) => {
    const target = request(endpoint.url, { method, path, headers, ca: endpoint.tlsCaCertificate });
    target.end(body);
    const [response] = (await once(target, 'response')) as [IncomingMessage];
    return { status: response.statusCode, content: await text(response) };
  };

  const enroll = (fields: Record<string, unknown>) =>
    exchange(endpoint, {
      method: 'POST',
      path: '/api/v1/enroll',
      authorization: login,
      body: JSON.stringify(fields),
    });

  const registration = { method: 'POST', path: '/api/v1/register', body: '{"id":"x"}' } as const;
  const signed = (over: { method?: string; uri?: string; body?: string }, who = registrar) =>
    exchange(endpoint, {
      ...registration,
      authorization: authorizationToken(who, {
        method: 'POST',
        uri: registration.path,
        body: registration.body,
        ...over,
      }),
    });

  it.each([
    ['the method', { method: 'PUT' }],
    ['the path', { uri: '/api/v1/revoke' }],
    ['a query', { uri: '/api/v1/register?ca=tlsca.hospital-a.example' }],
    ['the body', { body: '{"id":"y"}' }],
  ])('refuses a token that was made for another request: %s', async (_, over) => {
    await expect(signed(over)).rejects.toMatchObject({
      status: 401,
      reason: 20,
      message: 'Authentication failure',
    });
  });

  it("refuses a token with another's key, and one with a certificate that it did not issue", async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await expect(signed({}, { ...registrar, privateKey })).rejects.toMatchObject({ status: 401, reason: 20 });
    const foreign = await authorities.read(
      'users/User1@hospital-a.example/msp/signcerts/User1@hospital-a.example-cert.pem',
    );
    await expect(signed({}, { ...registrar, certificate: foreign })).rejects.toMatchObject({ status: 401 });
  });

  it.each(['', 'x', 'x.y', 'x.y.z', `${'A'.repeat(20_000)}.AAAA`, 'Basic ', 'Basic OnB3', 'Bearer x.y'])(
    'refuses what is no authorization: %.20s',
    async (authorization) => {
      for (const path of ['/api/v1/enroll', '/api/v1/reenroll', '/api/v1/gencrl']) {
        await expect(
          exchange(endpoint, { method: 'POST', path, authorization, body: '{}' }),
        ).rejects.toMatchObject({ status: 401 });
      }
    },
  );

  it.each([
    ['{', 5],
    ['[]', 5],
    ['"x"', 5],
    ['{"id":{}}', 5],
    ['{"id":"x","attrs":[1]}', 5],
    ['{"id":"x","max_enrollments":1e99}', 5],
    ['', 4],
  ])('refuses a body that is no request: %s', async (body, reason) => {
    const authorization = authorizationToken(registrar, { method: 'POST', uri: registration.path, body });
    await expect(exchange(endpoint, { ...registration, body, authorization })).rejects.toMatchObject({
      status: 400,
      reason,
    });
  });

  it('refuses a body that is too large before it has read it, and answers the next request', async () => {
    const announced = request(endpoint.url, {
      method: 'POST',
      path: '/api/v1/register',
      headers: { 'Content-Length': '99999999' },
      ca: endpoint.tlsCaCertificate,
    });
    // Nothing of the body is ever sent: the answer cannot have waited for it.
    announced.flushHeaders();
    const [response] = (await once(announced, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(413);
    expect(response.headers.connection).toBe('close');
    announced.on('error', () => undefined).destroy();
    const unannounced = request(endpoint.url, {
      method: 'POST',
      path: '/api/v1/register',
      ca: endpoint.tlsCaCertificate,
    });
    unannounced.on('error', () => undefined);
    const answered = once(unannounced, 'response') as Promise<[IncomingMessage]>;
    for (let sent = 0; sent < 1024; sent += 64) unannounced.write(Buffer.alloc(64 * 1024));
    const [cut] = await answered;
    expect(cut.statusCode).toBe(413);
    unannounced.destroy();
    await expect(enroll({ certificate_request: '' })).rejects.toMatchObject({ status: 400, reason: 31 });
  });

  it.each([
    '/',
    '/api/v1',
    '/api/v1/',
    '/api/v1/../../etc/passwd',
    '/api/v1/identities/..%2f..%2fetc%2fpasswd',
    '/api/v1/identities/a/b',
    '/%',
    '/api/v1/idemix/credential',
    '//evil.example/api/v1/cainfo',
    '/api/v1/__proto__',
    '/healthz',
  ])('knows no path %s', async (path) => {
    expect(await raw(path)).toEqual({ status: 404, content: '404 page not found\n' });
  });

  it('knows no method that an endpoint does not have', async () => {
    const { status, content } = await raw('/api/v1/enroll', 'DELETE');
    expect([status, JSON.parse(content)]).toEqual([
      405,
      {
        result: '',
        errors: [{ code: 1, message: 'Method DELETE is not allowed' }],
        messages: [],
        success: false,
      },
    ]);
  });

  it('makes no certificate for a weak key, a foreign signature, or a request that is none', async () => {
    const rsa = {
      name: 'RSASSA-PKCS1-v1_5',
      hash: 'SHA-256',
      modulusLength: 1024,
      publicExponent: new Uint8Array([1, 0, 1]),
    };
    const weak = await Pkcs10CertificateRequestGenerator.create({
      name: 'CN=admin',
      keys: await webcrypto.subtle.generateKey(rsa, true, ['sign', 'verify']),
      signingAlgorithm: rsa,
    });
    await expect(enroll({ certificate_request: weak.toString('pem') })).rejects.toMatchObject({
      status: 400,
      reason: 31,
    });
    const good = await certificateRequest('admin', registrar.privateKey);
    const der = Buffer.from(good.replace(/-----[^-]+-----|\s/g, ''), 'base64');
    der[der.length - 4] = (der[der.length - 4] ?? 0) ^ 1;
    const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
    await expect(enroll({ certificate_request: forged })).rejects.toMatchObject({ status: 500, reason: 0 });
    for (const broken of [good.slice(0, 120), 'x', good.replaceAll('REQUEST', 'THING')]) {
      await expect(enroll({ certificate_request: broken })).rejects.toMatchObject({ code: 'CA_REFUSED' });
    }
  });

  it('makes nobody an authority, or more than the registry says', async () => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
    const authority = await Pkcs10CertificateRequestGenerator.create({
      name: 'CN=admin',
      keys: await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']),
      signingAlgorithm: algorithm,
      extensions: [new BasicConstraintsExtension(true, 0)],
    });
    await expect(enroll({ certificate_request: authority.toString('pem') })).rejects.toMatchObject({
      status: 403,
    });
    const certificate_request = await certificateRequest('admin', registrar.privateKey);
    await expect(enroll({ certificate_request, profile: 'ca' })).rejects.toMatchObject({
      status: 403,
      reason: 71,
    });
    const extensions = [{ id: '1.2.3.4.5.6.7.8.1', critical: false, value: '7b7d' }];
    await expect(enroll({ certificate_request, extensions })).rejects.toMatchObject({
      status: 400,
      reason: 31,
    });
    const other = await certificateRequest('root', registrar.privateKey);
    await expect(enroll({ certificate_request: other })).rejects.toMatchObject({ status: 403, reason: 77 });
  });
});
