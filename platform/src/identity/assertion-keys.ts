import { createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { z } from 'zod';

const jwks = z.object({
  keys: z
    .array(
      z.object({
        kty: z.literal('OKP'),
        crv: z.literal('Ed25519'),
        x: z.string(),
        kid: z.string().optional(),
      }),
    )
    .min(1),
});

/**
 * Public keys of routers out of a JWK set.
 * @throws where it is none of Ed25519 keys
 */
export async function assertionKeys(set: unknown): Promise<ReadonlyMap<string, KeyObject>> {
  const { keys } = jwks.parse(set);
  return new Map(
    await Promise.all(
      keys.map(async ({ kid, ...key }): Promise<[string, KeyObject]> => {
        const jwk: JWK = key;
        return [
          kid ?? (await calculateJwkThumbprint(jwk)),
          createPublicKey({ key: { ...key }, format: 'jwk' }),
        ];
      }),
    ),
  );
}
