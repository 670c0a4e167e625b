/** Turns what the gateway client throws into the platform's errors: by gRPC status and by the endpoints' details. */
import { status } from '@grpc/grpc-js';
import { GatewayError } from '@hyperledger/fabric-gateway';
import { parseContractError } from '@medigraph/schema';
import {
  ContractRefusedError,
  EndorsementFailedError,
  EvaluateFailedError,
  LedgerForbiddenError,
  LedgerTimeoutError,
  LedgerUnavailableError,
  SubmitFailedError,
  type LedgerError,
  type LedgerErrorOptions,
} from './errors.js';

// The client types its codes as plain numbers.
const unavailable: number = status.UNAVAILABLE;
const aborted: number = status.ABORTED;

/** Failures before submission that may pass by themselves, and where repeating changes nothing on the ledger. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof GatewayError && error.code === unavailable;
}

/**
 * True if peers of other organisations alone refused to endorse, or found another result: with a peer that has not
 * committed the last blocks yet this passes by itself.
 * @param own - MSP id of the gateway's peer.
 */
export function isOthersDisagreement(error: unknown, own: string): boolean {
  return (
    error instanceof GatewayError &&
    error.code === aborted &&
    error.details.length > 0 &&
    error.details.every(({ mspId }) => mspId !== own)
  );
}

const refusedForGood: ReadonlySet<number> = new Set([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.PERMISSION_DENIED,
  status.UNAUTHENTICATED,
  status.FAILED_PRECONDITION,
  status.OUT_OF_RANGE,
  status.UNIMPLEMENTED,
  status.RESOURCE_EXHAUSTED,
  // The ordering service answered, and said no.
  status.ABORTED,
]);

/** True if a failed submit surely left nothing with the ordering service. */
export function isRefusedForGood(error: unknown): boolean {
  return error instanceof GatewayError && refusedForGood.has(error.code);
}

function contractRefusal(error: GatewayError, options: LedgerErrorOptions): LedgerError | undefined {
  for (const { message } of error.details) {
    const refusal = parseContractError(message);
    if (refusal) return new ContractRefusedError(refusal.code, refusal.message, options);
  }
  return undefined;
}

type LedgerErrorClass = new (message: string, options: LedgerErrorOptions) => LedgerError;

/** Failures that mean the same at every stage. */
const byStatus: ReadonlyMap<number, LedgerErrorClass> = new Map<number, LedgerErrorClass>([
  [status.UNAVAILABLE, LedgerUnavailableError],
  [status.DEADLINE_EXCEEDED, LedgerTimeoutError],
  [status.PERMISSION_DENIED, LedgerForbiddenError],
  [status.UNAUTHENTICATED, LedgerForbiddenError],
]);

const byStage = {
  evaluate: EvaluateFailedError,
  endorse: EndorsementFailedError,
  submit: SubmitFailedError,
} as const satisfies Record<string, LedgerErrorClass>;

/** The platform's error for what the gateway client threw at a stage; anything else passes unchanged. */
export function ledgerErrorOf(error: unknown, stage: keyof typeof byStage, transactionId?: string): Error {
  if (!(error instanceof GatewayError)) return error instanceof Error ? error : new Error(String(error));
  const options: LedgerErrorOptions = { cause: error, transactionId, endpoints: error.details };
  const refusal = contractRefusal(error, options);
  if (refusal) return refusal;
  const said = [error.cause.details, ...error.details.map(({ mspId, message }) => `${mspId}: ${message}`)]
    .filter((text) => text !== '')
    .join('; ');
  const Failure = byStatus.get(error.code) ?? byStage[stage];
  return new Failure(said === '' ? error.message : said, options);
}
