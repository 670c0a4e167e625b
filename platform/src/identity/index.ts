export * from './caller.js';
export * from './errors.js';
export * from './key-custody.js';
export { type PractitionerName } from './practitioner-keys.js';
export * from './tokens.js';
export { SealedStore, type SealedStoreOptions } from './sealed-store.js';
export { openKeyCustody, type KeyCustodyOptions } from './sealed-key-custody.js';
export { createTokenIssuer, type RotatingTokenIssuer, type TokenIssuerOptions } from './token-issuer.js';
export { createTokenVerifier, type TokenVerifierOptions } from './token-verifier.js';
