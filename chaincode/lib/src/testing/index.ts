import '../quiet.js';
export {
  type BenchEvent,
  type BenchOptions,
  ContractBench,
  type Endorsed,
  TransactionInvalid,
  TransactionRefused,
} from './contract-bench.js';
export { BenchAuthority, type BenchIdentity } from './identities.js';
export { type ValidationCode } from './simulation.js';
export { type Call, propose, type SignedCall } from './proposal.js';
export { type RecordedRun } from './recording.js';
export { type Divergence, replay } from './replay.js';
