import 'reflect-metadata';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { certificateRequest } from '@medigraph/platform/ca';
import { type KeyCustody, openKeyCustody, SealedStore } from '@medigraph/platform/identity';
import { chainAddressOf } from '@medigraph/platform/ledger';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import path from 'node:path';
import { TestAuthorities } from './testing/test-authorities.js';

async function p384Request(): Promise<string> {
  const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify']);
  const made = await Pkcs10CertificateRequestGenerator.create({ name: 'CN=x', keys, signingAlgorithm });
  return made.toString('pem');
}

describe('a custody whose organisation has an authority', () => {
  let authorities: TestAuthorities;
  let custody: KeyCustody;

  beforeAll(async () => {
    authorities = await TestAuthorities.start();
    const { url, name = '', tlsCaCertificate } = await authorities.endpoint();
    const secret = await authorities.read('ca/registrar.secret');
    const authority = { mspId: 'HospitalAMSP', url, tlsCaCertificate, registrar: { name: 'admin', secret } };
    custody = openKeyCustody({
      store: await SealedStore.open({ folder: path.join(authorities.folder, 'custody') }),
      profile: { organizations: {}, channels: {}, certificateAuthorities: { [name]: authority } },
    });
  });
  afterAll(() => authorities.stop());

  const issuer = async () =>
    new X509Certificate(await authorities.read('msp/intermediatecerts/ca.hospital-a.example-cert.pem'));

  it('enrols people with it, each named after their key', async () => {
    const { identity } = await custody.enrol('HospitalAMSP');
    const certificate = new X509Certificate(identity.certificate);
    expect(certificate.verify((await issuer()).publicKey)).toBe(true);
    expect(certificate.toLegacyObject().subject).toMatchObject({ CN: identity.address, OU: 'client' });
  });

  it('enrols a key that its owner keeps, as often as asked', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const request = await certificateRequest(chainAddressOf(privateKey), privateKey);
    for (let count = 0; count < 2; count += 1) {
      const certificate = new X509Certificate(await custody.certify('HospitalAMSP', request));
      expect(certificate.toLegacyObject().subject).toMatchObject({ CN: chainAddressOf(privateKey) });
      expect(chainAddressOf(certificate.toString())).toBe(chainAddressOf(privateKey));
    }
  });

  it('revokes every certificate of a key, and enrols it no more', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const request = await certificateRequest(chainAddressOf(privateKey), privateKey);
    const certificate = new X509Certificate(await custody.certify('HospitalAMSP', request));
    await custody.revoke('HospitalAMSP', chainAddressOf(privateKey));
    const client = await authorities.client();
    const list = await client.revocationList(await authorities.registrar());
    expect(Buffer.from(list.replace(/-----[^-]+-----|\s/g, ''), 'base64').toString('hex')).toContain(
      certificate.serialNumber.toLowerCase(),
    );
    await expect(custody.certify('HospitalAMSP', request)).rejects.toMatchObject({ code: 'CA_REFUSED' });
  });

  it.each([
    ['nothing', () => ''],
    ['no request', () => '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----'],
    ['a long text', () => 'x'.repeat(100_000)],
    ['a request in another name', () => request('admin')],
    ['a request for a key on another curve', p384Request],
    [
      'a request that another key signed',
      async () => {
        const [one, other] = await Promise.all([request(), request()]);
        // The signature is the last part of the DER, of about the same length in each.
        const bytes = Buffer.from(one.replace(/-----[^-]+-----|\s/g, ''), 'base64');
        const theirs = Buffer.from(other.replace(/-----[^-]+-----|\s/g, ''), 'base64');
        const forged = Buffer.concat([bytes.subarray(0, -32), theirs.subarray(-32)]).toString('base64');
        return `-----BEGIN CERTIFICATE REQUEST-----\n${forged}\n-----END CERTIFICATE REQUEST-----`;
      },
    ],
  ])('refuses %s', async (_what, pem) => {
    await expect(custody.certify('HospitalAMSP', await pem())).rejects.toMatchObject({
      code: 'CERTIFICATE_REQUEST_INVALID',
    });
  });

  const request = (name?: string) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return certificateRequest(name ?? chainAddressOf(privateKey), privateKey);
  };
});
