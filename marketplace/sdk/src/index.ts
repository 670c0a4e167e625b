/** What the author of a DApp builds on. */
export { StateTable, type StatePage, type StateVersion } from '@medigraph/chaincode-lib';
export { type ConsentQuestion, type Consents } from './consents.js';
export { digestOf } from './content-digest.js';
export { DAppContext, type DAppCaller } from './dapp-context.js';
export { DAppContract } from './dapp-contract.js';
export { DAppError, demand } from './dapp-error.js';
export * from './decorators/index.js';
export { type Installations } from './installations.js';
export { type Institution, type Institutions } from './institutions.js';
