/** The care suite: arguments, state and events of its contracts. Chaincode validates with these; clients type with them. */
export * from './care/access.js';
export * from './care/batch.js';
export * from './care/contributions.js';
export * from './care/emergency.js';
export * from './care/events.js';
export * from './care/imports.js';
export * from './care/openings.js';
export * from './care/provenance.js';
export * from './care/records.js';
export * from './care/recovery.js';
export * from './care/registration.js';
export * from './care/storage.js';
export * from './care/body-parts.js';
