export {
  chaincodeId,
  deployEmbedded,
  embeddedAdministrators,
  type EmbeddedAddresses,
  embeddedEndpoints,
  type EmbeddedNetwork,
  embeddedOrderer,
  growEmbedded,
  ledgerFileIn,
  prepareAuthorities,
  prepareEmbedded,
  suitePackage,
} from './embedded/index.js';
export {
  type AuthorityPlan,
  authoritiesOf,
  authorityName,
  type CertificateAuthorities,
  tlsAuthorityName,
} from './certificate-authorities.js';
export { connectionProfileOf, type PeerEndpoint } from './connection-profile.js';
export {
  defaultDescriptionFile,
  networkDescription,
  type NetworkDescription,
  productionDescriptionFile,
  readNetworkDescription,
} from './description.js';
export { type OnStep } from './growth/grow-channel.js';
export { NetworkChangeRefusedError, NetworkDescriptionError } from './errors.js';
export { generateMaterial, generateOrganization } from './material/generate.js';
