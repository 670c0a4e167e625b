import { createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { z } from 'zod';

const jwks = z.object({
  keys: z
    .array(
      z.object({
        kty: z.literal('EC'),
        crv: z.literal('P-256'),
        x: z.string(),
        y: z.string(),
        kid: z.string().optional(),
      }),
    )
    .min(1),
});

/**
 * Public keys of routers out of a JWK set.
 * @throws where it is none of P-256 keys
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
