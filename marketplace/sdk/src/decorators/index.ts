export { ContractInfo } from './contract-info.js';
export { DataType, Property, type PropertyRules } from './data-type.js';
export { Evaluation, Param, Returns, Transaction } from './transaction.js';
export { type TypeName, type TypeReference, type ValueRules } from './value-schema.js';
