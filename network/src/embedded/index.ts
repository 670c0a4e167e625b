export { chaincodeId, deployEmbedded, suitePackage } from './chaincodes.js';
export { embeddedEndpoints } from './endpoints.js';
export { type EmbeddedAddresses } from './ledger-description.js';
export { type EmbeddedNetwork, prepareEmbedded } from './prepare.js';
