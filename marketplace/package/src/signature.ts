import { type PublishedClaims, publishedPayload } from '@medigraph/schema/dapps';
import { CompactSign, compactVerify, calculateJwkThumbprint, exportJWK } from 'jose';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { PackageError } from './package-error.js';
import { type PublisherKey } from './publisher-key.js';

/** Type of the signature, so that one made for something else is none. */
const type = 'medigraph-dapp+jws';

/**
 * The publisher's signature of one version: JWS in compact serialisation, `ES256`, with its payload detached (RFC 7515,
 * appendix F).
 */
export async function signPackage(
  claims: PublishedClaims,
  { kid, privateKey }: PublisherKey,
): Promise<string> {
  const jws = await new CompactSign(Buffer.from(publishedPayload(claims)))
    .setProtectedHeader({ alg: 'ES256', kid, typ: type })
    .sign(privateKey);
  const [header = '', , signature = ''] = jws.split('.');
  return `${header}..${signature}`;
}

/** The one form that a signature has: what a decoder would pass over is no part of it. */
const detached = /^([\w-]+)\.\.([\w-]{86})$/;
/** Parameters that its header has: all of them, and no others. */
const parameters = ['alg', 'kid', 'typ'];

const publicKeyOf = (key: string): KeyObject =>
  createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' });

/**
 * Checks a signature against the keys of a publisher.
 * @param keys - SubjectPublicKeyInfo (DER) in base64, each.
 * @returns kid of the key that signed.
 * @throws {@link PackageError} `SIGNATURE_INVALID`.
 */
export async function verifySignature(
  claims: PublishedClaims,
  signature: string,
  keys: readonly string[],
): Promise<string> {
  const payload = Buffer.from(publishedPayload(claims)).toString('base64url');
  const [, header = '', value = ''] = detached.exec(signature) ?? [];
  try {
    const { protectedHeader } = await compactVerify(
      `${header}.${payload}.${value}`,
      async ({ kid }) => {
        for (const key of keys.map(publicKeyOf))
          if ((await calculateJwkThumbprint(await exportJWK(key))) === kid) return key;
        throw new Error('no key of the publisher');
      },
      { algorithms: ['ES256'] },
    );
    if (protectedHeader.typ !== type || protectedHeader.kid === undefined) throw new Error('another type');
    if (Object.keys(protectedHeader).sort().join() !== parameters.join()) throw new Error('another header');
    return protectedHeader.kid;
  } catch (error) {
    throw new PackageError(
      'SIGNATURE_INVALID',
      `no key of the publisher signed ${claims.dapp} ${claims.version} with these bytes`,
      { cause: error },
    );
  }
}
