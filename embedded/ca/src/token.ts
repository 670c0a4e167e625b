import { verify, X509Certificate } from 'node:crypto';
import { isLowS } from './certificates/low-s.js';
import { firstPemBlock } from './certificates/pem.js';

/** What a token is for: it is of no use with another request. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly uri: string;
  readonly body: Buffer;
}

const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Reads an authorization token, `base64(certificate).base64(signature)`: the owner of the certificate has signed the request with
 * ECDSA. Says nothing of whether the certificate is to be trusted.
 *
 * @throws an `Error` that says what is wrong with it
 */
export function verifyToken(token: string, { method, uri, body }: SignedRequest): X509Certificate {
  const [certificate = '', signature, ...more] = token.split('.');
  if (signature === undefined || more.length > 0) {
    throw new Error("Invalid token format; expecting 2 parts separated by '.'");
  }
  if (!base64.test(certificate) || !base64.test(signature)) throw new Error('Invalid base64 in token');
  const owner = readCertificate(certificate);
  const { asymmetricKeyType, asymmetricKeyDetails } = owner.publicKey;
  if (asymmetricKeyType !== 'ec')
    throw new Error(`Tokens are signed with ECDSA, not ${String(asymmetricKeyType)}`);
  const signed = [method, Buffer.from(uri).toString('base64'), body.toString('base64'), certificate].join(
    '.',
  );
  const der = Buffer.from(signature, 'base64');
  if (!isLowS(der, asymmetricKeyDetails?.namedCurve))
    throw new Error('Token signature validation failed: S must be in the lower half');
  if (!verify('sha256', Buffer.from(signed), owner.publicKey, der)) {
    throw new Error('Token signature validation failed');
  }
  return owner;
}

function readCertificate(text: string): X509Certificate {
  const block = firstPemBlock(Buffer.from(text, 'base64').toString('latin1'));
  if (block?.type !== 'CERTIFICATE') throw new Error('Failed to PEM decode certificate');
  return new X509Certificate(block.content);
}
