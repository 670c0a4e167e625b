// @peculiar/x509 needs the polyfill to be there when it is loaded.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { prepareEmbedded } from '@medigraph/network';
import { createPrivateKey, KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { userOf, type User } from '../testing/client.js';
import { testDescription, TestNetwork } from '../testing/test-network.js';
import { validationCode } from '../wire/transaction.js';

const prepare = async (folder: string) => (await prepareEmbedded(testDescription, folder)).ledgerFile;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const day = 86_400_000;

interface Ca {
  readonly certificate: x509.X509Certificate;
  readonly key: webcrypto.CryptoKey;
}

const keys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
const serial = () => `40${randomBytes(12).toString('hex')}`;

async function issue(
  ca: Ca,
  subject: string,
  {
    // The authority itself is five minutes old: what claims to be older does not chain to it.
    notBefore = new Date(Date.now() - 60_000),
    notAfter = new Date(Date.now() + day),
    isCa = false,
    serialNumber = serial(),
  } = {},
): Promise<User> {
  const pair = await keys();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber,
    subject,
    issuer: ca.certificate.subject,
    notBefore,
    notAfter,
    publicKey: pair.publicKey,
    signingKey: ca.key,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(isCa, undefined, true),
      await x509.AuthorityKeyIdentifierExtension.create(ca.certificate),
    ],
  });
  const pem = KeyObject.from(pair.privateKey).export({ format: 'pem', type: 'pkcs8' }).toString();
  return userOf('AlphaMSP', certificate.toString('pem'), pem);
}

describe('who may use a channel', () => {
  let network: TestNetwork;
  let ca: Ca;
  const revokedSerial = serial();

  beforeAll(async () => {
    network = await TestNetwork.prepare({ prepare });
    const organization = network.material('organizations', 'peerOrganizations', 'alpha.example');
    const [certificatePem, keyPem] = await Promise.all([
      readFile(path.join(organization, 'ca', 'ca.alpha.example-cert.pem'), 'utf8'),
      readFile(path.join(organization, 'ca', 'priv_sk'), 'utf8'),
    ]);
    const pkcs8 = createPrivateKey(keyPem).export({ format: 'der', type: 'pkcs8' });
    const certificate = new x509.X509Certificate(certificatePem);
    const key = await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
    ca = { certificate, key };

    const list = await x509.X509CrlGenerator.create({
      issuer: certificate.subject,
      thisUpdate: new Date(),
      nextUpdate: new Date(Date.now() + day),
      signingAlgorithm: algorithm,
      signingKey: key,
      entries: [{ serialNumber: revokedSerial, revocationDate: new Date() }],
      extensions: [await x509.AuthorityKeyIdentifierExtension.create(certificate)],
    });
    const crls = path.join(organization, 'msp', 'crls');
    await mkdir(crls, { recursive: true });
    await writeFile(path.join(crls, 'crl.pem'), list.toString('pem'));
    // The channel's first block, made anew, tells of the revocation.
    await rm(network.material('channel-artifacts'), { recursive: true });
    await prepare(network.material());
    await network.startLedger();
  });
  afterAll(() => network.close());

  const evaluateAs = async (user: User) => {
    const client = await network.raw('AlphaMSP', user);
    return client.evaluate(await client.propose('main', 'sample', ['whoAmI']));
  };

  test('a client that the organisation enrolled after the network began', async () => {
    const client = await network.raw('AlphaMSP', await issue(ca, 'CN=New,OU=client'));
    expect(await client.transact('main', 'sample', ['put', 'new', '1'])).toBe(validationCode.VALID);
  });

  test.each([
    ['without a role', 'CN=Nobody'],
    ['with a unit that is no role', 'CN=Nobody,OU=boss'],
    ['with two roles', 'CN=Both,OU=client,OU=peer'],
  ])('nobody %s', async (_, subject) => {
    await expect(evaluateAs(await issue(ca, subject))).rejects.toThrow('access denied');
  });

  test('nobody with the certificate of an authority', async () => {
    await expect(evaluateAs(await issue(ca, 'CN=CA,OU=client', { isCa: true }))).rejects.toThrow(
      'access denied',
    );
  });

  test('nobody whose certificate another authority issued, even one of the same name', async () => {
    const pair = await keys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serial(),
      name: ca.certificate.subject,
      notBefore: new Date(Date.now() - day),
      notAfter: new Date(Date.now() + day),
      keys: pair,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        await x509.SubjectKeyIdentifierExtension.create(pair.publicKey),
      ],
    });
    const forged = await issue({ certificate, key: pair.privateKey }, 'CN=Forged,OU=client');
    await expect(evaluateAs(forged)).rejects.toThrow('access denied');
  });

  test('nobody whose certificate is revoked', async () => {
    const revoked = await issue(ca, 'CN=Revoked,OU=client', { serialNumber: revokedSerial });
    await expect(evaluateAs(revoked)).rejects.toThrow('access denied');
  });

  test('nobody of another organisation by its name', async () => {
    const beta = await network.user('BetaMSP');
    const pretending = { ...beta, identity: { ...beta.identity, mspId: 'AlphaMSP' } };
    await expect(evaluateAs(pretending)).rejects.toThrow('access denied');
  });

  test('nobody after expiry: not to propose, not to order, not to read', async () => {
    const expired = await issue(ca, 'CN=Late,OU=client', { notAfter: new Date(Date.now() - 10_000) });
    await expect(evaluateAs(expired)).rejects.toMatchObject({
      code: 14,
      details: 'failed to evaluate transaction, see attached details for more info',
    });
    const client = await network.raw('AlphaMSP', expired);
    const position = { newest: undefined, oldest: {}, specified: undefined, nextCommit: undefined };
    expect(await client.deliver('main', { start: position, stop: position })).toMatchObject([
      { status: 403 },
    ]);
  });

  test('a certificate that expires between endorsement and order is refused by the orderer', async () => {
    const notAfter = new Date(Math.ceil((Date.now() + 1_500) / 1000) * 1000);
    const client = await network.raw('AlphaMSP', await issue(ca, 'CN=Soon,OU=client', { notAfter }));
    const envelope = await client.signEnvelope(
      await client.endorse(await client.propose('main', 'sample', ['put', 'x', '1'])),
    );
    await new Promise((resolve) => setTimeout(resolve, notAfter.getTime() - Date.now() + 10));
    expect(await client.broadcast(envelope)).toEqual({
      status: 400,
      info: 'broadcast client identity expired',
    });
  });

  test('only members of the channel', async () => {
    const gamma = await network.raw('GammaMSP', undefined, 'AlphaMSP');
    const proposal = await gamma.propose('narrow', 'sample', ['whoAmI']);
    await expect(gamma.evaluate(proposal)).rejects.toThrow('creator org unknown');
  });
});
