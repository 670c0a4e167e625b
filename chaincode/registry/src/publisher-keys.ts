/** Keys that sign packages, and what they sign. */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { type registry } from '@medigraph/schema';
import { publishedPayload } from '@medigraph/schema/dapps';
import { z } from 'zod';
import { ContractError, demand } from '@medigraph/chaincode-lib';

function p256Key(base64: string): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined;
  } catch {
    return undefined;
  }
}

/** {@link https://www.rfc-editor.org/rfc/rfc7638 | RFC 7638}: SHA-256 over the required members of the JWK, in order. */
function thumbprintOf(key: KeyObject): string {
  const { crv, kty, x, y } = key.export({ format: 'jwk' });
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

/**
 * A key as the ledger keeps it.
 * @param spki - SubjectPublicKeyInfo in base64.
 * @throws {@link ContractError} `ARGUMENT_INVALID` if it is no key on P-256.
 */
export function activeKey(spki: string, since: string): registry.Publisher['keys'][number] {
  const key = p256Key(spki);
  if (!key) throw new ContractError('ARGUMENT_INVALID', 'key: must be a public key on the curve P-256');
  // As it is encoded again: one key has one spelling.
  const encoded = key.export({ format: 'der', type: 'spki' }).toString('base64');
  return { kid: thumbprintOf(key), key: encoded, status: 'active', since };
}

/**
 * A header that says more than we understand would have to be understood (RFC 7515, `crit`). The type is that of packages, so
 * that nothing which was signed for something else counts.
 */
const protectedHeader = z.strictObject({
  alg: z.literal('ES256'),
  kid: z.string(),
  typ: z.literal('medigraph-dapp+jws'),
});
const detachedJws = /^([\w-]+)\.\.([\w-]{86})$/;

function refuse(why: string): never {
  throw new ContractError('SIGNATURE_INVALID', why);
}

function headerOf(encoded: string): z.infer<typeof protectedHeader> {
  try {
    return protectedHeader.parse(JSON.parse(Buffer.from(encoded, 'base64url').toString()));
  } catch {
    return refuse(
      'the header must have alg ES256 and the kid of a key of the publisher, and nothing that changes them',
    );
  }
}

/**
 * Checks that one of a publisher's active keys signed the claims: a JWS in compact serialisation whose payload is detached
 * ({@link https://www.rfc-editor.org/rfc/rfc7515#appendix-F | RFC 7515, Appendix F}).
 * @throws {@link ContractError} `SIGNATURE_INVALID`, `PUBLISHER_KEY_UNKNOWN`, `PUBLISHER_KEY_REVOKED`.
 */
export function demandSignature(
  { id, keys }: registry.Publisher,
  claims: registry.PublishedClaims,
  jws: string,
): void {
  const [, header, signature] = detachedJws.exec(jws) ?? refuse('must be a JWS with detached payload');
  const { kid } = headerOf(header ?? '');
  const signer = keys.find((key) => key.kid === kid);
  if (!signer) throw new ContractError('PUBLISHER_KEY_UNKNOWN', `publisher ${id} has no key ${kid}`);
  demand(signer.status === 'active', 'PUBLISHER_KEY_REVOKED', `key ${kid} of publisher ${id} was revoked`);
  const payload = Buffer.from(publishedPayload(claims)).toString('base64url');
  const key = createPublicKey({ key: Buffer.from(signer.key, 'base64'), format: 'der', type: 'spki' });
  const signed = verify(
    'sha256',
    Buffer.from(`${header ?? ''}.${payload}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature ?? '', 'base64url'),
  );
  if (!signed) refuse('the key did not sign this version of this package');
}
