// @peculiar/x509 needs the polyfill to be there when it is loaded.
import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { createPrivateKey, KeyObject, randomBytes, webcrypto } from 'node:crypto';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const day = 86_400_000;

/** Certificate and key, PEM. */
export interface PemPair {
  readonly certificate: Buffer;
  readonly key: Buffer;
}

/** A TLS certificate for the loopback: of this authority, or one that nobody but its holder vouches for. */
export async function tlsCertificate(
  authority?: PemPair,
  notAfter = new Date(Date.now() + day),
): Promise<PemPair> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const issuer = authority && new X509Certificate(authority.certificate.toString());
  const signingKey = authority === undefined ? keys.privateKey : await importKey(authority.key);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: `40${randomBytes(12).toString('hex')}`,
    subject: 'CN=somebody',
    issuer: issuer?.subject ?? 'CN=somebody',
    notBefore: new Date(Date.now() - 60_000),
    notAfter,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }]),
      await AuthorityKeyIdentifierExtension.create(issuer ?? keys.publicKey),
    ],
  });
  const key = KeyObject.from(keys.privateKey).export({ format: 'pem', type: 'pkcs8' });
  return { certificate: Buffer.from(certificate.toString('pem')), key: Buffer.from(key) };
}

function importKey(pem: Buffer): Promise<webcrypto.CryptoKey> {
  const pkcs8 = createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' });
  return webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
}
