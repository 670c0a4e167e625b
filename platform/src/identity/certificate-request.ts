import 'reflect-metadata';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { chainAddressOf } from '../ledger/index.js';
import { CertificateRequestInvalidError } from './errors.js';

/** A key whose owner asks for a certificate. */
export interface RequestedKey {
  readonly publicKey: KeyObject;
  /** Chain address. */
  readonly address: string;
}

/** No request for a key on P-256 comes near it. */
const longest = 8_192;

/**
 * Reads a certificate request (PKCS #10 in PEM) for a key, named after it. What else it asks does not count.
 * @throws {@link CertificateRequestInvalidError}
 */
export async function readCertificateRequest(pem: string): Promise<RequestedKey> {
  if (pem.length > longest) throw new CertificateRequestInvalidError('it is too long');
  const { request, publicKey } = parse(pem);
  if (publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new CertificateRequestInvalidError('its key is not on the curve P-256');
  if (!(await request.verify())) throw new CertificateRequestInvalidError('its key did not sign it');
  const address = chainAddressOf(publicKey);
  const names = request.subjectName.getField('CN');
  // An authority issues for the name that is registered, and takes no request for another.
  if (names.length !== 1 || names[0] !== address)
    throw new CertificateRequestInvalidError(`its common name must be the key’s chain address, ${address}`);
  return { publicKey, address };
}

function parse(pem: string): { request: Pkcs10CertificateRequest; publicKey: KeyObject } {
  try {
    const request = new Pkcs10CertificateRequest(pem);
    const der = Buffer.from(request.publicKey.rawData);
    return { request, publicKey: createPublicKey({ key: der, format: 'der', type: 'spki' }) };
  } catch (error) {
    throw new CertificateRequestInvalidError('it is no PKCS #10 request', { cause: error });
  }
}
