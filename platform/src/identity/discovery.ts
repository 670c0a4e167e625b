import { createRemoteJWKSet } from 'jose';
import { z } from 'zod';

/** What is needed of the metadata of an OpenID Connect provider (RFC 8414, OpenID Connect Discovery 1.0). */
const metadata = z.object({
  issuer: z.string(),
  jwks_uri: z.url({ protocol: /^https?$/ }),
});
export type ProviderMetadata = z.infer<typeof metadata>;

const timeoutMs = 5_000;

/**
 * The metadata that a provider publishes.
 * @throws if it cannot be had, or is another provider's.
 */
export async function discover(issuer: string): Promise<ProviderMetadata> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const answer = await fetch(address, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
  if (!answer.ok) throw new Error(`${address} answers HTTP ${answer.status}`);
  const found = metadata.parse(await answer.json());
  if (found.issuer !== issuer) throw new Error(`${address} is that of ${found.issuer}`);
  return found;
}

type RemoteKeys = ReturnType<typeof createRemoteJWKSet>;

/** Public keys at an address, fetched again when a token names an unknown one, so that rotation needs no restart. */
export const keysAt = (address: URL): RemoteKeys =>
  createRemoteJWKSet(address, { timeoutDuration: timeoutMs, cooldownDuration: 10_000 });

/** Public keys of a provider, which is asked where they are when the first token comes; again if that fails. */
export function discoveredKeys(issuer: string): () => Promise<RemoteKeys> {
  let found: Promise<RemoteKeys> | undefined;
  return () => {
    found ??= discover(issuer)
      .then(({ jwks_uri: address }) => keysAt(new URL(address)))
      .catch((error: unknown) => {
        found = undefined;
        throw error;
      });
    return found;
  };
}
