export * from './vocabulary.js';
export * from './resource-types.js';
export * from './smart-scope.js';
export * from './ledger/index.js';
