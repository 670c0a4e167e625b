export * from './vocabulary.js';
export * from './resource-types.js';
export * from './graph-scopes.js';
export * from './smart-scope.js';
export * from './ledger/index.js';
