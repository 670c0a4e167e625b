import 'reflect-metadata';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { type SigningKey } from './keys.js';

/** A certificate signing request in PEM, for a certificate named after the key itself. */
export async function certificateRequestOf({ pair, address }: SigningKey): Promise<string> {
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [address] }],
    keys: pair,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  });
  return request.toString('pem');
}
