// @peculiar/x509 needs the polyfill to be there when it is loaded.
import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  type Extension,
  type X509Certificate,
  type JsonGeneralName,
} from '@peculiar/x509';
import { KeyObject, randomBytes, webcrypto } from 'node:crypto';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const lifetimeYears = 10;

/** A certificate and its key. */
export interface Credential {
  readonly certificate: X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

/** What a node or a user is, as the organisational unit in its certificate says (NodeOUs). */
export type NodeRole = 'client' | 'peer' | 'admin' | 'orderer';

function validity() {
  // A little in the past, so that a clock that lags does not refuse what was just made.
  const notBefore = new Date(Date.now() - 5 * 60_000);
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + lifetimeYears);
  return { notBefore, notAfter };
}

// RFC 5280: positive and at most 20 octets; the first bit clear keeps it positive, the second set keeps it full length.
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

const makeKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

/** A self-signed root, as `ca.DOMAIN` or `tlsca.DOMAIN`. */
export async function makeAuthority(commonName: string, domain: string): Promise<Credential> {
  const keys = await makeKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${commonName}, O=${domain}`,
    ...validity(),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new KeyUsagesExtension(
        KeyUsageFlags.digitalSignature |
          KeyUsageFlags.keyEncipherment |
          KeyUsageFlags.keyCertSign |
          KeyUsageFlags.cRLSign,
        true,
      ),
      new BasicConstraintsExtension(true, undefined, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, keys };
}

async function issue(
  authority: Credential,
  subject: string,
  extensions: readonly Extension[],
): Promise<Credential> {
  const keys = await makeKeys();
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject,
    issuer: authority.certificate.subject,
    ...validity(),
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      await AuthorityKeyIdentifierExtension.create(authority.keys.publicKey),
      ...extensions,
    ],
  });
  return { certificate, keys };
}

/** An identity for signing transactions or blocks. */
export function issueIdentity(
  authority: Credential,
  commonName: string,
  role: NodeRole,
): Promise<Credential> {
  return issue(authority, `CN=${commonName}, OU=${role}`, [
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
  ]);
}

/** A certificate for TLS, as server and as client, valid for the host's names and the loopback addresses. */
export function issueTls(authority: Credential, commonName: string): Promise<Credential> {
  const names: JsonGeneralName[] = [
    { type: 'dns', value: commonName },
    { type: 'dns', value: 'localhost' },
    { type: 'ip', value: '127.0.0.1' },
    { type: 'ip', value: '::1' },
  ];
  return issue(authority, `CN=${commonName}`, [
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
    new SubjectAlternativeNameExtension(names),
  ]);
}

export function certificatePem({ certificate }: Credential): string {
  return `${certificate.toString('pem')}\n`;
}

/** PKCS #8. */
export function privateKeyPem({ keys }: Credential): string {
  return KeyObject.from(keys.privateKey).export({ format: 'pem', type: 'pkcs8' }).toString();
}
