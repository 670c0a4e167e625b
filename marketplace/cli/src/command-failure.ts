/** A failure that whoever calls `medigraph dapp` can act on: printed as one line, `CODE: what to do`. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';

  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
