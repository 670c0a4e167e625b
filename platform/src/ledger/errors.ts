import { type ContractErrorCode } from '@medigraph/schema';
import { PlatformError, type PlatformErrorCode } from '../errors/index.js';

/** What one endpoint said of a failure. */
export interface EndpointFailure {
  readonly address: string;
  readonly mspId: string;
  readonly message: string;
}

export interface LedgerErrorOptions extends ErrorOptions {
  readonly transactionId?: string;
  readonly endpoints?: readonly EndpointFailure[];
}

/** A call of the ledger that failed. */
export abstract class LedgerError extends PlatformError {
  /** Of the transaction that failed, once there was one. */
  readonly transactionId: string | undefined;
  readonly endpoints: readonly EndpointFailure[];

  constructor(code: PlatformErrorCode, message: string, options: LedgerErrorOptions = {}) {
    super(code, message, options);
    this.transactionId = options.transactionId;
    this.endpoints = options.endpoints ?? [];
  }
}

/** A contract refused the call; the code is the contract's own. */
export class ContractRefusedError extends LedgerError {
  declare readonly code: ContractErrorCode;
}

/** No peer of the organisation could be reached; nothing was submitted. */
export class LedgerUnavailableError extends LedgerError {
  constructor(message: string, options?: LedgerErrorOptions) {
    super('LEDGER_UNAVAILABLE', message, options);
  }
}

/** No answer before the deadline; nothing was submitted. */
export class LedgerTimeoutError extends LedgerError {
  constructor(message: string, options?: LedgerErrorOptions) {
    super('LEDGER_TIMEOUT', message, options);
  }
}

/** The ledger does not accept the identity for this channel or call. */
export class LedgerForbiddenError extends LedgerError {
  constructor(message: string, options?: LedgerErrorOptions) {
    super('LEDGER_FORBIDDEN', message, options);
  }
}

/** The caller's signal aborted before the transaction was submitted. */
export class LedgerCancelledError extends LedgerError {
  constructor(options?: LedgerErrorOptions) {
    super('LEDGER_CANCELLED', 'The transaction was given up before it was submitted.', options);
  }
}

/** A peer could not evaluate, for a reason that no contract gave. */
export class EvaluateFailedError extends LedgerError {
  constructor(message: string, options?: LedgerErrorOptions) {
    super('EVALUATE_FAILED', message, options);
  }
}

/** The organisations that must endorse did not, for a reason that no contract gave. */
export class EndorsementFailedError extends LedgerError {
  constructor(message: string, options?: LedgerErrorOptions) {
    super('ENDORSEMENT_FAILED', message, options);
  }
}

/** The ordering service refused the transaction; it will not be committed. */
export class SubmitFailedError extends LedgerError {
  constructor(message: string, options?: LedgerErrorOptions) {
    super('SUBMIT_FAILED', message, options);
  }
}

/** The transaction was ordered and found invalid. */
export class CommitFailedError extends LedgerError {
  /** Fabric's validation code, such as `ENDORSEMENT_POLICY_FAILURE`. */
  readonly validationCode: string;
  readonly block: number;

  constructor(transactionId: string, validationCode: string, block: number) {
    super('COMMIT_FAILED', `Transaction ${transactionId} is in block ${block} as ${validationCode}.`, {
      transactionId,
    });
    this.validationCode = validationCode;
    this.block = block;
  }
}

/** The transaction was submitted, and whether it will be committed is not known. */
export class CommitStatusUnknownError extends LedgerError {
  declare readonly transactionId: string;

  constructor(transactionId: string, options?: ErrorOptions) {
    super(
      'COMMIT_STATUS_UNKNOWN',
      `Transaction ${transactionId} was submitted and its outcome is not known yet; look for it by its id.`,
      { ...options, transactionId },
    );
  }
}

/** A contract answered something that is not JSON. */
export class ResultInvalidError extends LedgerError {
  constructor(transaction: string, options?: LedgerErrorOptions) {
    super('RESULT_INVALID', `${transaction} answered something that is not JSON.`, options);
  }
}

/** The signer has used the idempotency key for another transaction. */
export class IdempotencyKeyReusedError extends LedgerError {
  constructor(transactionId: string) {
    super('IDEMPOTENCY_KEY_REUSED', 'The idempotency key belongs to another transaction of this signer.', {
      transactionId,
    });
  }
}

/** The connection profile has no such organisation. */
export class OrganizationUnknownError extends LedgerError {
  constructor(mspId: string) {
    super('ORGANIZATION_UNKNOWN', `The connection profile has no organisation ${mspId}.`);
  }
}

/** The connection profile has no such channel. */
export class ChannelUnknownError extends LedgerError {
  constructor(channel: string) {
    super('CHANNEL_UNKNOWN', `The connection profile has no channel ${channel}.`);
  }
}
