export {
  chaincodeId,
  deployEmbedded,
  type EmbeddedAddresses,
  type EmbeddedNetwork,
  prepareEmbedded,
  suitePackage,
} from './embedded/index.js';
export { connectionProfileOf, type PeerEndpoint } from './connection-profile.js';
export {
  defaultDescriptionFile,
  networkDescription,
  type NetworkDescription,
  readNetworkDescription,
} from './description.js';
export { NetworkDescriptionError } from './errors.js';
export { generateMaterial } from './material/generate.js';
