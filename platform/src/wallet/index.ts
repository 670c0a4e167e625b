/** A patient's wallet, for browsers and Node: nothing here needs more than Web Crypto and `fetch`. */
export {
  PreparationForgedError,
  WalletNotEnrolledError,
  WalletRequestError,
  WalletUnreadableError,
} from './errors.js';
export { type PersonalEntry } from './entry-sealing.js';
export { httpGraph, type WalletGraph } from './graph.js';
export { type DecryptedEntry, type Evaluated, type Submitted, Wallet } from './wallet.js';
