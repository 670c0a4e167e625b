/** Base of everything the embedded provider throws to its operator; `code` is stable, the message is for people. */
export abstract class IdentityError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** An option cannot be used. */
export class IdentityConfigurationError extends IdentityError {
  readonly code = 'IDENTITY_CONFIGURATION';
}

/** The data cannot be opened, or the address cannot be listened on. */
export class IdentityStartError extends IdentityError {
  readonly code = 'IDENTITY_START_FAILED';
}

/** Something kept here does not open: the key is another one, or the data is damaged. */
export class IdentityUnreadableError extends IdentityError {
  readonly code = 'IDENTITY_UNREADABLE';
}

/** What went wrong, in words, whatever was thrown. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
