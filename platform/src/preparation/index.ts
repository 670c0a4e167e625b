export { PreparationExpiredError, PreparationInvalidError, SignatureInvalidError } from './errors.js';
export { PreparedTransactions, type SigningRequest, type Step } from './prepared-transactions.js';
