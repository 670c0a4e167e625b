/** Base of everything the embedded ledger throws itself; `code` is stable, the message is for people. */
export class LedgerError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The network description, the crypto material or an option cannot be used. */
export class ConfigurationError extends LedgerError {
  constructor(message: string, options?: ErrorOptions) {
    super('LEDGER_CONFIGURATION', message, options);
  }
}

/** What is on disk is not what was committed: a broken chain, a missing tail, an unreadable store. */
export class LedgerCorruptError extends LedgerError {
  constructor(message: string, options?: ErrorOptions) {
    super('LEDGER_CORRUPT', message, options);
  }
}

/** The store refused to open for a reason other than corruption, such as another process holding it. */
export class LedgerUnavailableError extends LedgerError {
  constructor(message: string, options?: ErrorOptions) {
    super('LEDGER_UNAVAILABLE', message, options);
  }
}

/** The store was written by a version that this one cannot go on from. */
export class LedgerFormatError extends LedgerError {
  constructor(message: string, options?: ErrorOptions) {
    super('LEDGER_FORMAT', message, options);
  }
}

/** A block could not be written (disk full, input/output error): the channel takes no more transactions until a restart. */
export class LedgerStorageError extends LedgerError {
  constructor(message: string, options?: ErrorOptions) {
    super('LEDGER_STORAGE', message, options);
  }
}

/** What went wrong, in words, whatever was thrown. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
