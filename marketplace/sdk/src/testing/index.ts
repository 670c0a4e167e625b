/** Tests of a DApp's contracts, without a network. */
export {
  type BenchIdentity,
  type Endorsed,
  type RecordedRun,
  TransactionInvalid,
  TransactionRefused,
} from '@medigraph/chaincode-lib/testing';
export { type ContractMetadata } from '../contract-metadata.js';
export { assertHas } from './assert-has.js';
export { DAppBench, type DAppBenchOptions, TransactionDiverged, type Vouched } from './dapp-bench.js';
export { type DeclaredConsent } from './declared-suites.js';
