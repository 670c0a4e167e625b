export { type ListenerTls } from './host/chaincode-listener.js';
export { type ContractMetadata } from './host/guest-process.js';
export { detectIsolation, type Isolation } from './host/isolation.js';
export {
  durationBuckets,
  type GuestMetrics,
  type JournalEntry,
  type TransactionMetrics,
} from './host/journal.js';
export {
  SandboxHost,
  type SandboxedDApp,
  type SandboxListener,
  type SandboxStatus,
} from './host/sandbox-host.js';
export { defaultLimits, type SandboxLimits } from './limits.js';
export {
  type GuestReport,
  GuestStartError,
  type RefusalCode,
  refusalCodes,
  type ReportCode,
  reportCodes,
} from './report.js';
