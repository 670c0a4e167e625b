export { embeddedEndpoints } from './endpoints.js';
export { chaincodeId, type EmbeddedAddresses } from './ledger-description.js';
export { prepareAuthorities } from './authorities.js';
export { type EmbeddedNetwork, ledgerFileIn, prepareEmbedded } from './prepare.js';
