import type { Doc } from './bson/value.js';

/** MongoDB's error codes that this server answers with, by MongoDB's own names. */
export const ERROR_CODES = {
  InternalError: 1,
  BadValue: 2,
  GraphContainsCycle: 5,
  FailedToParse: 9,
  Unauthorized: 13,
  TypeMismatch: 14,
  Overflow: 15,
  InvalidLength: 16,
  ProtocolError: 17,
  IllegalOperation: 20,
  InvalidBSON: 22,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  MaxTimeMSExpired: 50,
  DollarPrefixedFieldName: 52,
  InvalidIdField: 53,
  NotSingleValueField: 54,
  InvalidDBRef: 55,
  EmptyFieldName: 56,
  DottedFieldName: 57,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  IndexAlreadyExists: 68,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  ShutdownInProgress: 91,
  OperationFailed: 96,
  DocumentValidationFailure: 121,
  CannotBackfillArray: 15891,
  CommandNotSupported: 115,
  ConversionFailure: 241,
  ClientMarkedKilled: 46841,
  TransactionNotSupported: 263,
  InvalidPipelineOperator: 168,
  CommandNotSupportedOnView: 166,
  OptionNotSupportedOnView: 167,
  QueryExceededMemoryLimitNoDiskUseAllowed: 292,
  QueryFeatureNotAllowed: 224,
  IndexBuildAborted: 276,
  BSONObjectTooLarge: 10334,
  DuplicateKey: 11000,
  InterruptedAtShutdown: 11600,
  NoQueryExecutionPlans: 291,
  InvalidIndexSpecificationOption: 197,
  NotImplemented: 238,
  IDLUnknownField: 40415,
} as const;

export type ErrorName = keyof typeof ERROR_CODES;

/**
 * A refusal that the client receives as MongoDB would word it: a number and its name. Codes that MongoDB gives no name are written
 * as the number alone and named `Location<code>`.
 */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: number;
  readonly codeName: string;
  /** Further fields of the answer (`keyPattern` and `keyValue` of a duplicate key, `errInfo` of a failed validation). */
  readonly details: Doc;

  constructor(code: ErrorName | number, message: string, details: Doc = {}) {
    super(message);
    this.code = typeof code === 'number' ? code : ERROR_CODES[code];
    this.codeName = typeof code === 'number' ? `Location${code}` : code;
    this.details = details;
  }
}

/** A failure the server did not foresee, as the client sees it: its message, and nothing of its inside. */
export function toCommandError(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  if (error instanceof RangeError) return new CommandError('Overflow', error.message);
  return new CommandError('InternalError', error instanceof Error ? error.message : String(error));
}
