import 'reflect-metadata';
import { X509Certificate as PeculiarCertificate } from '@peculiar/x509';
import { createPrivateKey, createPublicKey, webcrypto, X509Certificate } from 'node:crypto';
import { CaConfigurationError, reasonOf } from '../errors.js';

/** What an authority signs with. */
export interface AuthorityKey {
  readonly certificate: X509Certificate;
  /** The same certificate, as the generators take it. */
  readonly issuer: PeculiarCertificate;
  readonly privateKey: webcrypto.CryptoKey;
  /** The authority before those above it, in PEM. */
  readonly chainPem: string;
  /** Subject key identifier in hexadecimal: the certificates that it issues name it. */
  readonly identifier: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const subjectKeyIdentifier = '2.5.29.14';

const pemCertificate = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** Every certificate of a text, in its order. */
export const certificatesIn = (pem: string): X509Certificate[] =>
  (pem.match(pemCertificate) ?? []).map((each) => new X509Certificate(each));

/**
 * @param chainPem - of the authority and those above it
 * @throws {@link CaConfigurationError} if the key is not the certificate's, or the certificate none of an authority in its time.
 */
export async function openAuthorityKey(
  certificatePem: string,
  privateKeyPem: string,
  chainPem: string,
): Promise<AuthorityKey> {
  try {
    const certificate = new X509Certificate(certificatePem);
    const key = createPrivateKey(privateKeyPem);
    if (!certificate.ca) throw new Error('the certificate is none of an authority');
    if (!certificate.publicKey.equals(createPublicKey(key)))
      throw new Error('the key is not that of the certificate');
    if (Date.parse(certificate.validTo) < Date.now()) throw new Error('the certificate has expired');
    const pkcs8 = key.export({ format: 'der', type: 'pkcs8' });
    const issuer = new PeculiarCertificate(certificate.raw);
    return {
      certificate,
      issuer,
      privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']),
      chainPem,
      identifier: keyIdentifier(issuer),
    };
  } catch (error) {
    throw new CaConfigurationError(`an authority's key or certificate cannot be used: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

function keyIdentifier(certificate: PeculiarCertificate): string {
  const extension = certificate.getExtension(subjectKeyIdentifier);
  if (extension === null) throw new Error('the certificate has no subject key identifier');
  // An OCTET STRING around the identifier.
  return Buffer.from(extension.value).subarray(2).toString('hex');
}
