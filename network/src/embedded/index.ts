export {
  chaincodeId,
  deployEmbedded,
  embeddedAdministrators,
  growEmbedded,
  suitePackage,
} from './chaincodes.js';
export { embeddedEndpoints, embeddedOrderer } from './endpoints.js';
export { type EmbeddedAddresses } from './ledger-description.js';
export { prepareAuthorities } from './authorities.js';
export { type EmbeddedNetwork, ledgerFileIn, prepareEmbedded } from './prepare.js';
