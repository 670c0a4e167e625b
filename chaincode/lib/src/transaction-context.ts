import { type z } from 'zod';
import { type ChaincodeStub } from 'fabric-shim-api';
import { parseArgument } from './arguments.js';
import { callerOf, type Caller } from './caller.js';
import { canonicalJson } from './canonical-json.js';
import { ContractError } from './contract-error.js';
import { Context } from './fabric.js';

/** The function's name and its one JSON argument. */
const argumentsOfCall = 2;

/** One transaction: who signed it, when, what it asks; and how it answers. */
export class TransactionContext extends Context {
  #caller: Caller | undefined;

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

  get caller(): Caller {
    return (this.#caller ??= callerOf(this.stub.getCreator()));
  }

  /** What the organisation's CA vouches for of the signer: an attribute of the certificate; undefined if it has none of the name. */
  attribute(name: string): string | undefined {
    return this.clientIdentity.getAttributeValue(name) ?? undefined;
  }

  /** The only clock of a contract: when the caller says the transaction was made. ISO 8601 in UTC with milliseconds. */
  get now(): string {
    return this.stub.getDateTimestamp().toISOString();
  }

  get transactionId(): string {
    return this.stub.getTxID();
  }

  /** @throws {@link ContractError} `ARGUMENT_INVALID` naming the path of what is wrong. */
  argument<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
    return parseArgument(schema, text);
  }

  /** What a transaction returns. */
  answer(value: unknown): string {
    return canonicalJson(value);
  }

  /** Emits the transaction's one event; its payload is the array of items. */
  protected setEvent(name: string, items: readonly unknown[]): void {
    this.stub.setEvent(name, Buffer.from(canonicalJson(items)));
  }
}
