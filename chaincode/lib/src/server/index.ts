export { dispatcherOf, metadataOf, type ContractClass } from './dispatcher.js';
export { serveSuite, type Suite } from './serve-suite.js';
