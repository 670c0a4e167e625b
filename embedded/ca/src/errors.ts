/** Base of everything the embedded CA throws to its operator; `code` is stable, the message is for people. */
export abstract class CaError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The description, a key or certificate, or an option cannot be used. */
export class CaConfigurationError extends CaError {
  readonly code = 'CA_CONFIGURATION';
}

/** What is on disk cannot be opened or read, or an address cannot be listened on. */
export class CaUnavailableError extends CaError {
  readonly code = 'CA_UNAVAILABLE';
}

/** What went wrong, in words, whatever was thrown. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
