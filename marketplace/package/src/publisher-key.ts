import { calculateJwkThumbprint, exportJWK } from 'jose';
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { PackageError } from './package-error.js';

/** A key with which a publisher signs packages: P-256, for ES256. */
export interface PublisherKey {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  /** SubjectPublicKeyInfo (DER) in base64, as the ledger keeps it. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

async function keyOf(privateKey: KeyObject): Promise<PublisherKey> {
  const publicKey = createPublicKey(privateKey);
  return {
    kid: await calculateJwkThumbprint(await exportJWK(publicKey)),
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    privateKey,
  };
}

/** A new key. */
export function generatePublisherKey(): Promise<PublisherKey> {
  return keyOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
}

/** The key as PEM, encrypted (PKCS #8, AES-256). */
export function encryptKey({ privateKey }: PublisherKey, passphrase: string): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString();
}

/** @throws {@link PackageError} `KEY_UNREADABLE`. */
export async function decryptKey(pem: string, passphrase: string): Promise<PublisherKey> {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: pem, format: 'pem', passphrase });
  } catch (error) {
    throw new PackageError('KEY_UNREADABLE', 'the key is damaged, or its passphrase is another one', {
      cause: error,
    });
  }
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new PackageError('KEY_UNREADABLE', 'a publisher signs with a key on P-256');
  return keyOf(key);
}
