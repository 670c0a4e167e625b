export * from './connection-profile.js';
export * from './ledger-client.js';
export * from './errors.js';
export { readBlock } from './block-decoder.js';
export { chainAddressOf } from './chain-address.js';
export { connectLedger, type LedgerOptions } from './fabric-ledger-client.js';
export { loadConnectionProfile } from './load-connection-profile.js';
export { nativeSigner } from './native-signer.js';
export {
  type OfflineRequest,
  type OfflineSigning,
  type Signed,
  type Unsigned,
  type UnsignedProposal,
  type UnsignedTransaction,
} from './offline-signing.js';
export { type Creator } from './proposal-header.js';
export { patientsOrganization } from './patients-organization.js';
export { organizationIdentity } from './organization-identity.js';
