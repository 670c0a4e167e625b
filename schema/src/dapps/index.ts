export { type Finding, type PublishedClaims } from '../ledger/registry.js';
export * from './manifest.js';
export * from './names.js';
export * from './published-payload.js';
