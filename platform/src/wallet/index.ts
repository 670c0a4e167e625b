/** A patient's wallet, for browsers and Node: nothing here needs more than Web Crypto and `fetch`. */
export {
  PreparationForgedError,
  ShareForgedError,
  SharesInsufficientError,
  WalletNotEnrolledError,
  WalletRequestError,
  WalletUnreadableError,
} from './errors.js';
export { unwrapKey } from './entry-opening.js';
export { type PersonalEntry } from './entry-sealing.js';
export { type GuardianTerms } from './guardians.js';
export { passOnShare, sealEscrow } from './key-escrow.js';
export { httpGraph, type WalletGraph } from './graph.js';
export { type DecryptedEntry, type Evaluated, type Submitted, Wallet } from './wallet.js';
