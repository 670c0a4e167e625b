/** What the graph itself reports beside the platform's and the contracts' codes, each with what it means. */
export const graphErrorCodes = {
  BAD_USER_INPUT: 'An argument is not what it must be; the message names it.',
  FORBIDDEN: 'The caller is known and may not do this.',
  STEP_UP_REQUIRED:
    'Come back with a token of a sign-in as `acrValues` and `maxAge` (seconds) in the extensions ask for (RFC 9470).',
  TOKEN_EXPIRED:
    'A subscription or connection ended because its access token ran out; resume with a new one.',
  ACCESS_ENDED: 'A subscription ended because its subscriber may no longer see what it was narrowed to.',
  BAD_REQUEST: 'The body of the request is not JSON, or no GraphQL request.',
  BODY_TOO_LARGE: 'The body of the request is larger than the server takes.',
  NOT_FOUND: 'There is nothing at this path.',
  READ_MODEL_BEHIND:
    'It is committed, and the read model has not come to its block yet; read it in a moment.',
  ENTRY_BEING_WRITTEN: 'Another call is writing this entry; send it again in a moment.',
  SUITE_NOT_FOUND:
    'The connection profile has no channel with the contract suite, or more than the one allowed.',
  EVENT_INVALID: 'A contract emitted what the ledger model does not allow: versions differ.',
  INTERNAL_ERROR: 'Something failed that should not; the log has it under the errorId.',
} as const;

export type GraphErrorCode = keyof typeof graphErrorCodes;
