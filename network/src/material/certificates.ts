// @peculiar/x509 needs the polyfill to be there when it is loaded.
import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  type Extension,
  X509Certificate,
  type JsonGeneralName,
} from '@peculiar/x509';
import { createPrivateKey, createPublicKey, KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** Years that a certificate is valid, so that none outlives what it was signed with. */
const lifetimes = { root: 20, intermediate: 15, member: 10 } as const;

/** A certificate and its key. */
export interface Credential {
  readonly certificate: X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

/** What a node or a user is, as the organisational unit in its certificate says (NodeOUs). */
export type NodeRole = 'client' | 'peer' | 'admin' | 'orderer';

/** Extensions of a certificate that signs certificates and revocation lists. */
const authorityUsage = () =>
  new KeyUsagesExtension(
    KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign,
    true,
  );

function validity(years: number) {
  // A little in the past, so that a clock that lags does not refuse what was just made.
  const notBefore = new Date(Date.now() - 5 * 60_000);
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + years);
  return { notBefore, notAfter };
}

// RFC 5280: positive and at most 20 octets; the first bit clear keeps it positive, the second set keeps it full length.
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

const makeKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

/** Name of an authority, in the order in which Go writes names: lists that Fabric CA signs then name it to the letter. */
const authorityNameOf = (commonName: string, organization: string) =>
  new Name([{ O: [organization] }, { CN: [commonName] }]).toString();

/** A self-signed root. */
export async function makeRoot(commonName: string, organization: string): Promise<Credential> {
  const keys = await makeKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: authorityNameOf(commonName, organization),
    ...validity(lifetimes.root),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      authorityUsage(),
      new BasicConstraintsExtension(true, undefined, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, keys };
}

/** The authority of one organisation below a root: it signs members and revocation lists, and no further authority. */
export async function issueAuthority(
  root: Credential,
  commonName: string,
  organization: string,
): Promise<Credential> {
  const keys = await makeKeys();
  const certificate = await sign(root, keys, authorityNameOf(commonName, organization), 'intermediate', [
    authorityUsage(),
    new BasicConstraintsExtension(true, 0, true),
    await SubjectKeyIdentifierExtension.create(keys.publicKey),
  ]);
  return { certificate, keys };
}

const nameOf = (commonName: string, rest: Readonly<Record<string, string>>) =>
  new Name([
    { CN: [commonName] },
    ...Object.entries(rest).map(([type, value]) => ({ [type]: [value] })),
  ]).toString();

async function sign(
  authority: Credential,
  keys: webcrypto.CryptoKeyPair,
  subject: string,
  level: keyof typeof lifetimes,
  extensions: readonly Extension[],
): Promise<X509Certificate> {
  return X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject,
    issuer: authority.certificate.subject,
    ...validity(lifetimes[level]),
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [await AuthorityKeyIdentifierExtension.create(authority.keys.publicKey), ...extensions],
  });
}

async function issue(
  authority: Credential,
  subject: string,
  extensions: readonly Extension[],
): Promise<Credential> {
  const keys = await makeKeys();
  const certificate = await sign(authority, keys, subject, 'member', [
    new BasicConstraintsExtension(false, undefined, true),
    ...extensions,
  ]);
  return { certificate, keys };
}

/** An identity for signing transactions or blocks. */
export function issueIdentity(
  authority: Credential,
  commonName: string,
  role: NodeRole,
): Promise<Credential> {
  return issue(authority, nameOf(commonName, { OU: role }), [
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
  ]);
}

/**
 * A certificate for TLS, as server and as client, valid for the host's names and the loopback addresses.
 *
 * @param hosts - further names and addresses of the host
 */
export function issueTls(
  authority: Credential,
  commonName: string,
  hosts: readonly string[] = [],
): Promise<Credential> {
  const all = new Set([commonName, ...hosts, 'localhost', '127.0.0.1', '::1']);
  const names: JsonGeneralName[] = [...all].map((value) => ({
    type: isIP(value) === 0 ? 'dns' : 'ip',
    value,
  }));
  return issue(authority, nameOf(commonName, {}), [
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

/**
 * A credential that was written before.
 * @throws if the texts are no certificate and its key.
 */
export async function readCredential(certificate: string, privateKey: string): Promise<Credential> {
  const key = createPrivateKey(privateKey);
  const [priv, pub] = await Promise.all([
    webcrypto.subtle.importKey('pkcs8', key.export({ format: 'der', type: 'pkcs8' }), algorithm, true, [
      'sign',
    ]),
    webcrypto.subtle.importKey(
      'spki',
      createPublicKey(key).export({ format: 'der', type: 'spki' }),
      algorithm,
      true,
      ['verify'],
    ),
  ]);
  return { certificate: new X509Certificate(certificate), keys: { privateKey: priv, publicKey: pub } };
}
