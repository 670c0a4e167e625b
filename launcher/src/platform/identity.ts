import path from 'node:path';
import { type Configuration } from '@medigraph/platform/config';
import {
  createTokenIssuer,
  createTokenVerifier,
  type KeyCustody,
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
  const { dataFolder, masterKey, masterPassphrase, tokenIssuer, tokenAudience, jwksUri } = configuration;
  const store = await SealedStore.open({
    folder: path.join(dataFolder, 'custody'),
    masterKey,
    passphrase: masterPassphrase,
  });
  const issuer = await createTokenIssuer({ store, issuer: tokenIssuer, audience: tokenAudience });
  return {
    custody: openKeyCustody({ store, profile }),
    issuer,
    verifier: createTokenVerifier({
      issuer: tokenIssuer,
      audience: tokenAudience,
      keys: jwksUri === undefined ? issuer : new URL(jwksUri),
    }),
  };
}
