/** What the sandbox stops. */
export const reportCodes = [
  'CONTRACTS_DIFFER',
  'CPU_EXCEEDED',
  'CRASHED',
  'CRASH_LOOP',
  'EVENT_TOO_LARGE',
  'FORBIDDEN_CHAINCODE',
  'FORBIDDEN_GLOBAL',
  'FORBIDDEN_MODULE',
  'LOAD_FAILED',
  'MEMORY_EXCEEDED',
  'MESSAGE_TOO_LARGE',
  'NONDETERMINISTIC',
  'PROTOCOL_VIOLATION',
  'REJECTION_UNHANDLED',
  'RESULT_TOO_LARGE',
  'START_TIMED_OUT',
  'TESTS_TIMED_OUT',
  'TOO_MANY_EVENTS',
  'TOO_MANY_LEDGER_CALLS',
  'TOO_MANY_WRITES',
  'TRANSACTION_TIMED_OUT',
] as const;
export type ReportCode = (typeof reportCodes)[number];

/** Something that a DApp's contracts were stopped from, as their author reads it: never with data of a transaction. */
export interface GuestReport {
  readonly code: ReportCode;
  /** One sentence. */
  readonly message: string;
  /** The transaction that it happened in, where there is one. */
  readonly transactionId?: string;
}

/** A guest that could not be started. */
export class GuestStartError extends Error {
  override readonly name = 'GuestStartError';

  constructor(readonly report: GuestReport) {
    super(`${report.code}: ${report.message}`);
  }

  get code(): ReportCode {
    return this.report.code;
  }
}

/** Codes of the refusals that callers of a DApp's transactions get of the sandbox itself. */
export const refusalCodes = {
  busy: 'DAPP_BUSY',
  stopped: 'DAPP_STOPPED',
  timedOut: 'DAPP_TIMED_OUT',
  tooLarge: 'DAPP_LIMIT_EXCEEDED',
  unavailable: 'DAPP_UNAVAILABLE',
} as const;
export type RefusalCode = (typeof refusalCodes)[keyof typeof refusalCodes];
