import { PlatformError } from '../errors/index.js';

/** A wallet refuses to sign: what the server prepared is not what the wallet asked for. */
export class PreparationForgedError extends PlatformError {
  constructor(problem: string) {
    super('PREPARATION_FORGED', `The server prepared something else than was asked for: ${problem}.`);
  }
}

/** The wallet has no certificate yet. */
export class WalletNotEnrolledError extends PlatformError {
  constructor() {
    super('WALLET_NOT_ENROLLED', 'No organisation has enrolled the key of this wallet yet.');
  }
}

/** An exported wallet that cannot be read: no such file, another version, another passphrase, or damage. */
export class WalletUnreadableError extends PlatformError {
  constructor(problem: string, options?: ErrorOptions) {
    super('WALLET_UNREADABLE', `The exported wallet cannot be read: ${problem}.`, options);
  }
}

/** Shares that guardians handed over are not those that they were given, and without them there are too few. */
export class ShareForgedError extends PlatformError {
  constructor(
    /** Chain addresses and institution ids. */
    readonly guardians: readonly string[],
  ) {
    super('SHARE_FORGED', `The shares of ${guardians.join(', ')} are not those that they were given.`);
  }
}

/** Fewer guardians have handed over their shares than it takes. */
export class SharesInsufficientError extends PlatformError {
  constructor(shares: number, threshold: number) {
    super(
      'SHARES_INSUFFICIENT',
      `${shares} guardians have handed over their shares, and it takes ${threshold}.`,
    );
  }
}

/** The graph refused. */
export class WalletRequestError extends Error {
  override readonly name = 'WalletRequestError';

  constructor(
    /** The graph's own; see docs/graph-errors.md. */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
