/** What is asked for cannot be done; `code` is stable and safe to tell whoever asks. */
export class AccountRefusal extends Error {
  constructor(
    readonly code: AccountRefusalCode,
    message: string,
  ) {
    super(message);
    this.name = 'AccountRefusal';
  }
}

/** Every code of the administration, and what it means. */
export const accountRefusalCodes = {
  ACCOUNT_EXISTS: 'There is an account for this subject already.',
  ACCOUNT_NOT_FOUND: 'There is no such account, or it is none of the caller’s organisation.',
  USERNAME_TAKEN: 'Another account signs in under this name.',
  INVITATION_INVALID: 'The invitation is unknown, used or run out.',
  CLIENT_EXISTS: 'There is a client of this id already.',
  CLIENT_NOT_FOUND: 'There is no such client.',
  BAD_REQUEST: 'What was sent is not what is asked for; the message names the field.',
  UNAUTHENTICATED: 'Nobody who may administer is named by the request.',
  FORBIDDEN: 'The caller may not do this.',
  NOT_FOUND: 'There is nothing at this address.',
} as const;
export type AccountRefusalCode = keyof typeof accountRefusalCodes;
