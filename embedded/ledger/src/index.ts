export {
  ConfigurationError,
  LedgerCorruptError,
  LedgerError,
  LedgerStorageError,
  LedgerUnavailableError,
} from './errors.js';
export { startLedger, type Ledger, type LedgerOptions } from './ledger.js';
export { jsonLog, silentLog, type Log } from './log.js';
export { ledgerNetwork, readLedgerNetwork, type LedgerNetwork } from './network.js';
export { type ChannelVerification } from './verification.js';
