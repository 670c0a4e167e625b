import { type ContractErrorCode, formatContractError } from '@medigraph/schema';

/** A refused transaction. Fabric carries one string to the caller, so the code is the first word of the message. */
export class ContractError extends Error {
  override readonly name = 'ContractError';

  constructor(
    readonly code: ContractErrorCode,
    /** One sentence: what is wrong, naming the field or thing. */
    sentence: string,
  ) {
    super(formatContractError(code, sentence));
  }
}

/** Throws a {@link ContractError} unless the condition holds. */
export function demand(condition: boolean, code: ContractErrorCode, sentence: string): asserts condition {
  if (!condition) throw new ContractError(code, sentence);
}
