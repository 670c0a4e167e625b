export * as care from './care.js';
export * as claims from './claims.js';
export * as primitives from './primitives.js';
export * as registry from './registry.js';
export {
  contractErrorCodes,
  formatContractError,
  parseContractError,
  type ContractErrorCode,
} from './errors.js';
export {
  careTransactions,
  claimsTransactions,
  registryTransactions,
  type RegistryTransaction,
  type CareTransaction,
  type ClaimsTransaction,
  type TransactionKind,
} from './transactions.js';
