export * from './connection-profile.js';
export * from './ledger-client.js';
