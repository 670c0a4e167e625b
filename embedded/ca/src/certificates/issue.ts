import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralNames,
  KeyUsagesExtension,
  type Name,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { randomBytes } from 'node:crypto';
import { type AuthorityKey } from './authority-key.js';
import { isLowS } from './low-s.js';
import { normalHex } from '../store/records.js';
import { type Profile } from './profile.js';

/** What is to be certified. */
export interface Certified {
  readonly subject: Name;
  readonly publicKey: ArrayBuffer;
  readonly alternativeNames: JsonGeneralNames;
  readonly attributes: Extension | undefined;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** A certificate as it leaves the authority. */
export interface Issued {
  readonly pem: string;
  /** Hexadecimal without leading zeros. */
  readonly serial: string;
}

const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** Twenty octets, of which the first bit is clear: the longest positive number that RFC 5280 allows. */
function serialNumber(): string {
  const bytes = randomBytes(20);
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return bytes.toString('hex');
}

async function extensionsOf(
  { identifier }: AuthorityKey,
  { publicKey, alternativeNames, attributes }: Certified,
  { keyUsage, extendedKeyUsage }: Profile,
): Promise<Extension[]> {
  return [
    new KeyUsagesExtension(keyUsage, true),
    ...(extendedKeyUsage.length > 0 ? [new ExtendedKeyUsageExtension([...extendedKeyUsage])] : []),
    new BasicConstraintsExtension(false, undefined, true),
    await SubjectKeyIdentifierExtension.create(publicKey),
    new AuthorityKeyIdentifierExtension(identifier),
    ...(alternativeNames.length > 0 ? [new SubjectAlternativeNameExtension(alternativeNames)] : []),
    ...(attributes ? [attributes] : []),
  ];
}

/** Makes and signs a certificate. */
export async function issue(
  authority: AuthorityKey,
  certified: Certified,
  profile: Profile,
): Promise<Issued> {
  const serial = serialNumber();
  const parameters = {
    serialNumber: serial,
    subject: certified.subject,
    issuer: authority.issuer.subjectName,
    notBefore: new Date(certified.notBefore),
    notAfter: new Date(certified.notAfter),
    publicKey: certified.publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm,
    extensions: await extensionsOf(authority, certified, profile),
  };
  // Fabric wants the lower of the two values that a signature can have, and every other one has it.
  for (;;) {
    const certificate = await X509CertificateGenerator.create(parameters);
    if (!isLowS(Buffer.from(certificate.signature))) continue;
    return { pem: `${certificate.toString('pem')}\n`, serial: normalHex(serial) };
  }
}
