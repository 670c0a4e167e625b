export { chaincodeId } from './ledger-description.js';
export { type EmbeddedNetwork, prepareEmbedded } from './prepare.js';
