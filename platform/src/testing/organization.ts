/** Keys and certificates of an organisation, made for a test. */
import 'reflect-metadata';
import { createPrivateKey, generateKeyPair } from 'node:crypto';
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { promisify } from 'node:util';
import { issueClientCertificate } from '../identity/enrolment.js';
import { type ConnectionProfile } from '../ledger/index.js';

const generate = promisify(generateKeyPair);
const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

type Organization = ConnectionProfile['organizations'][string];

/** An organisation with its own CA and a client, reached at `address`. */
export async function testOrganization(
  address = '127.0.0.1:1',
): Promise<Organization & { ca: NonNullable<Organization['ca']> }> {
  const caKeys = await crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=ca.example',
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 10 * 365 * 86_400_000),
    signingAlgorithm: ecdsa,
    keys: caKeys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', caKeys.privateKey));
  const ca = {
    certificate: certificate.toString('pem'),
    privateKey: createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
      .export({ type: 'pkcs8', format: 'pem' })
      .toString(),
  };
  const client = await generate('ec', { namedCurve: 'P-256' });
  return {
    peers: [{ address }],
    client: {
      certificate: await issueClientCertificate(ca, 'client', client.publicKey),
      privateKey: client.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    },
    ca,
  };
}
