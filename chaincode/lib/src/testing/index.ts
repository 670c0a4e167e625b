import '../quiet.js';
export {
  type BenchEvent,
  type BenchOptions,
  ContractBench,
  type Endorsed,
  TransactionInvalid,
  TransactionRefused,
} from './contract-bench.js';
export { type BenchIdentity } from './identities.js';
export { type ValidationCode } from './simulation.js';
