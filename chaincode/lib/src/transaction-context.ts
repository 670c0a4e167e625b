import { type z } from 'zod';
import { type ChaincodeStub } from 'fabric-shim-api';
import { parseArgument } from './arguments.js';
import { CallContext } from './call-context.js';
import { canonicalJson } from './canonical-json.js';
import { ContractError } from './contract-error.js';

/** The function's name and its one JSON argument. */
const argumentsOfCall = 2;

/** One transaction of a suite: it takes one JSON argument and answers JSON. */
export class TransactionContext extends CallContext {
  /**
   * Called by the shim before the transaction.
   * @throws {@link ContractError} `ARGUMENT_INVALID` unless there is exactly one argument.
   */
  setChaincodeStub(stub: ChaincodeStub): void {
    this.stub = stub;
    const given = stub.getArgs().length;
    if (given !== argumentsOfCall)
      throw new ContractError(
        'ARGUMENT_INVALID',
        `a transaction takes one JSON argument, and ${given - 1} were given`,
      );
  }

  /** @throws {@link ContractError} `ARGUMENT_INVALID` naming the path of what is wrong. */
  argument<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
    return parseArgument(schema, text);
  }

  /** What a transaction returns. */
  answer(value: unknown): string {
    return canonicalJson(value);
  }
}
