import 'reflect-metadata';
import { AuthorityKeyIdentifierExtension, X509CrlGenerator } from '@peculiar/x509';
import { type CertificateRecord } from '../store/records.js';
import { type AuthorityKey } from './authority-key.js';

/** Milliseconds until a list should be made anew. */
const lifetime = 24 * 3_600_000;

/** Signs a list of revoked certificates, in PEM. */
export async function revocationList(
  { issuer, identifier, privateKey }: AuthorityKey,
  revoked: readonly CertificateRecord[],
): Promise<string> {
  const now = Date.now();
  const list = await X509CrlGenerator.create({
    issuer: issuer.subjectName,
    thisUpdate: new Date(now),
    nextUpdate: new Date(now + lifetime),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    signingKey: privateKey,
    entries: revoked.map(({ serial, revoked: revocation }) => ({
      serialNumber: serial.padStart(serial.length + (serial.length % 2), '0'),
      revocationDate: new Date(revocation?.at ?? now),
    })),
    extensions: [new AuthorityKeyIdentifierExtension(identifier)],
  });
  // The library names it "CRL"; RFC 7468 and Fabric want the longer name.
  const lines =
    Buffer.from(list.rawData)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN X509 CRL-----', ...lines, '-----END X509 CRL-----', ''].join('\n');
}
