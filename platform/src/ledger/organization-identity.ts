import { createPrivateKey } from 'node:crypto';
import { chainAddressOf } from './chain-address.js';
import { type ConnectionProfile } from './connection-profile.js';
import { OrganizationUnknownError } from './errors.js';
import { type LedgerIdentity } from './ledger-client.js';

// Keyed by the profile: identities are asked for on every call, and a profile does not change.
const identities = new WeakMap<ConnectionProfile, Map<string, LedgerIdentity>>();

/**
 * The client identity of an organisation, as the profile has it.
 * @throws {@link OrganizationUnknownError}
 */
export function organizationIdentity(profile: ConnectionProfile, mspId: string): LedgerIdentity {
  const known = identities.get(profile) ?? new Map<string, LedgerIdentity>();
  identities.set(profile, known);
  const found = known.get(mspId);
  if (found) return found;
  const organization = Object.hasOwn(profile.organizations, mspId) ? profile.organizations[mspId] : undefined;
  if (!organization) throw new OrganizationUnknownError(mspId);
  const { certificate, privateKey } = organization.client;
  const identity: LedgerIdentity = {
    mspId,
    certificate,
    privateKey: createPrivateKey(privateKey),
    address: chainAddressOf(certificate),
  };
  known.set(mspId, identity);
  return identity;
}
