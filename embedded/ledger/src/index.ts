export {
  ConfigurationError,
  LedgerCorruptError,
  LedgerError,
  LedgerFormatError,
  LedgerStorageError,
  LedgerUnavailableError,
} from './errors.js';
export { startLedger, type Ledger, type LedgerOptions } from './ledger.js';
export { jsonLog, silentLog, type Log } from './log.js';
export { ledgerNetwork, readLedgerNetwork, type LedgerNetwork } from './network.js';
export {
  StoredBlocks,
  type StoredLedger,
  verifyStoredChains,
  verifyStoredLedger,
  type VerifyOptions,
} from './verification/stored-ledger.js';
export { type ChannelReplay, type ChannelVerification } from './verification/verify-channel.js';
