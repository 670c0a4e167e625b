import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import { X509Certificate } from 'node:crypto';
import { sha256 } from '../crypto/hash.js';

/** How a client connects. */
export interface Security {
  readonly credentials: ChannelCredentials;
  /** SHA-256 of the certificate that the client shows, if it shows one. */
  readonly tlsCertificateHash?: Buffer;
}

export const plainText: Security = { credentials: credentials.createInsecure() };

/** TLS that trusts these authorities, with a certificate of one's own or without. All PEM. */
export function tlsSecurity(
  authorities: readonly Buffer[],
  own?: { readonly certificate: Buffer; readonly key: Buffer },
): Security {
  const roots = Buffer.concat([...authorities]);
  if (own === undefined) return { credentials: credentials.createSsl(roots) };
  return {
    credentials: credentials.createSsl(roots, own.key, own.certificate),
    tlsCertificateHash: sha256(new X509Certificate(own.certificate).raw),
  };
}
