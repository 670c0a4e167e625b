import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';

/**
 * The chain address of a key: the first 20 bytes of SHA-256 over its SubjectPublicKeyInfo (DER), in lower-case hex.
 * @param key - PEM of a certificate or of a public key, or a key; of a private key its public part counts.
 */
export function chainAddressOf(key: string | KeyObject): string {
  const der = publicKeyOf(key).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex').slice(0, 40);
}

function publicKeyOf(key: string | KeyObject): KeyObject {
  if (typeof key === 'string') {
    return key.includes('-----BEGIN CERTIFICATE-----')
      ? new X509Certificate(key).publicKey
      : createPublicKey(key);
  }
  return key.type === 'private' ? createPublicKey(key) : key;
}
