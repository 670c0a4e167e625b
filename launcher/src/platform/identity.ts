import path from 'node:path';
import { type Configuration } from '@medigraph/platform/config';
import {
  createTokenIssuer,
  claimNames,
  createTokenVerifiers,
  type KeyCustody,
  keyWrapperOf,
  openKeyCustody,
  type RotatingTokenIssuer,
  SealedStore,
  type TokenVerifier,
} from '@medigraph/platform/identity';
import { type ConnectionProfile } from '@medigraph/platform/ledger';

/** Keys and tokens of one data folder. Several processes may open the same. */
export interface Identity {
  readonly custody: KeyCustody;
  readonly issuer: RotatingTokenIssuer;
  readonly verifier: TokenVerifier;
}

export async function openIdentity(
  configuration: Configuration,
  profile: ConnectionProfile,
): Promise<Identity> {
  const {
    tokenIssuer,
    tokenAudience: audience,
    jwksUri,
    oidcIssuer,
    oidcJwksUri,
    oidcAlgorithms,
    oidcClaims,
  } = configuration;
  const store = await openSealedStore(configuration);
  const issuer = await createTokenIssuer({ store, issuer: tokenIssuer, audience });
  const verifier = createTokenVerifiers([
    { issuer: tokenIssuer, audience, keys: jwksUri === undefined ? issuer : new URL(jwksUri) },
    ...(oidcIssuer === undefined
      ? []
      : [
          {
            issuer: oidcIssuer,
            audience,
            keys: oidcJwksUri === undefined ? ('discovery' as const) : new URL(oidcJwksUri),
            algorithms: oidcAlgorithms.split(' '),
            ...(oidcClaims !== undefined && { claimNames: claimNames.parse(JSON.parse(oidcClaims)) }),
          },
        ]),
  ]);
  return { custody: openKeyCustody({ store, profile }), issuer, verifier };
}

/** What is sealed with the master key. */
export function openSealedStore(configuration: Configuration): Promise<SealedStore> {
  const { dataFolder, masterKey } = configuration;
  const folder = path.join(dataFolder, 'custody');
  return SealedStore.open({ folder, masterKey, wrapper: keyWrapperOf(configuration) });
}

/** What the embedded provider is sealed with: 32 bytes in hex, derived from the master key. */
export const providerKeyOf = (store: SealedStore): string =>
  store.deriveKey('identity provider').toString('hex');
