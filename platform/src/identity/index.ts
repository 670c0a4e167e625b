export * from './caller.js';
export * from './key-custody.js';
export * from './tokens.js';
