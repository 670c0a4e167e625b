const codes = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/;

/**
 * A refused transaction, with a code of the DApp's own. Fabric carries one string to the caller, so the code is the first
 * word of the message.
 *
 * @example throw new DAppError('SLOT_TAKEN', `slot ${slot.id} is booked`);
 */
export class DAppError extends Error {
  override readonly name = 'DAppError';

  constructor(
    /** Words of A-Z and 0-9 joined by underscores; part of the DApp's interface, so it never changes its meaning. */
    readonly code: string,
    /** One sentence: what is wrong and what to do. */
    sentence: string,
  ) {
    if (!codes.test(code)) throw new TypeError(`${code} is no code: write it as SLOT_TAKEN`);
    super(`${code}: ${sentence}`);
  }
}

/** Throws a {@link DAppError} unless the condition holds. */
export function demand(condition: boolean, code: string, sentence: string): asserts condition {
  if (!condition) throw new DAppError(code, sentence);
}
