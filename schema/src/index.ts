export * from './vocabulary.js';
export * from './ledger/index.js';
