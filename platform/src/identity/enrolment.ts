/** Issues X.509 client certificates in the name of an organisation, as its CA server would. */
import 'reflect-metadata';
import {
  createPrivateKey,
  randomBytes,
  X509Certificate as NodeCertificate,
  type KeyObject,
} from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PublicKey,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { type ConnectionProfile } from '../ledger/index.js';

type CertificateAuthority = NonNullable<ConnectionProfile['organizations'][string]['ca']>;

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256' };
const dayMs = 86_400_000;
const lifetimeMs = 365 * dayMs;
/** Peers' clocks may be behind ours. */
const skewMs = 5 * 60_000;

/** A certificate is renewed for the same key once less than this is left of it. */
const renewBeforeMs = 30 * dayMs;

/** Fabric's extension for attributes: JSON, `{"attrs":{NAME:VALUE}}`. */
const attributesOid = '1.2.3.4.5.6.7.8.1';

/**
 * A client certificate for a public key.
 * @param name - Common name: what the identity is known by, such as a chain address.
 * @param attributes - what the organisation vouches for beside it, by name: contracts read it.
 * @returns PEM.
 */
export async function issueClientCertificate(
  ca: CertificateAuthority,
  name: string,
  publicKey: KeyObject,
  attributes?: Readonly<Record<string, string>>,
): Promise<string> {
  const issuer = new X509Certificate(ca.certificate);
  const signingKey = await crypto.subtle.importKey(
    'pkcs8',
    createPrivateKey(ca.privateKey).export({ type: 'pkcs8', format: 'der' }),
    ecdsa,
    false,
    ['sign'],
  );
  const subjectKey = new PublicKey(publicKey.export({ type: 'spki', format: 'der' }));
  const now = Date.now();
  const certificate = await X509CertificateGenerator.create({
    serialNumber: positiveSerialNumber(),
    issuer: issuer.subject,
    // Fabric reads the role of an identity from its organisational unit (NodeOUs).
    subject: [{ OU: ['client'] }, { CN: [name] }],
    notBefore: new Date(Math.max(now - skewMs, issuer.notBefore.getTime())),
    notAfter: new Date(Math.min(now + lifetimeMs, issuer.notAfter.getTime())),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    publicKey: subjectKey,
    signingKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      await SubjectKeyIdentifierExtension.create(subjectKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(attributes
        ? [new Extension(attributesOid, false, Buffer.from(JSON.stringify({ attrs: attributes })))]
        : []),
    ],
  });
  return certificate.toString('pem');
}

/** True if a certificate has run out or soon will. */
export function needsRenewal(certificate: string): boolean {
  return Date.parse(new NodeCertificate(certificate).validTo) - Date.now() < renewBeforeMs;
}

/** 16 random bytes as a positive integer without a leading zero. */
function positiveSerialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}
