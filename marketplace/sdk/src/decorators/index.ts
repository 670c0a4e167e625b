export { ContractInfo, type ContractRules } from './contract-info.js';
export { DataType, Property, type PropertyRules } from './data-type.js';
export { type Told } from './told.js';
export { Evaluation, Param, Returns, Transaction, type TransactionRules } from './transaction.js';
export { type TypeName, type TypeReference, type ValueRules } from './value-schema.js';
