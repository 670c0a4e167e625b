import { type z } from 'zod';
import { type ChaincodeStub } from 'fabric-shim-api';
import { parseContractError } from '@medigraph/schema';
import { dappOfChaincode } from '@medigraph/schema/dapps';
import { calledChaincode } from './called-chaincode.js';
import { parseArgument } from './arguments.js';
import { CallContext } from './call-context.js';
import { canonicalJson } from './canonical-json.js';
import { ContractError } from './contract-error.js';

/** The function's name and its one JSON argument. */
const argumentsOfCall = 2;

/** Lowest status of an answer that refuses. */
const failing = 400;

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

  /** The DApp that the signer called, and which calls this in turn; undefined if they called a suite of the consortium. */
  get callingDApp(): string | undefined {
    return dappOfChaincode(calledChaincode(this.stub));
  }

  /**
   * Evaluates a transaction of another suite in the name of the same caller.
   * @param channel - the transaction's own unless said. What is read of another is not looked at again when it is committed.
   * @throws {@link ContractError} that the other suite refuses with.
   */
  async evaluate(chaincode: string, transaction: string, argument: unknown, channel = ''): Promise<unknown> {
    const args = [transaction, canonicalJson(argument)];
    const { status, message = '', payload } = await this.stub.invokeChaincode(chaincode, args, channel);
    if (status < failing && payload) return JSON.parse(Buffer.from(payload).toString()) as unknown;
    const refusal = parseContractError(message);
    throw refusal ? new ContractError(refusal.code, refusal.message) : new Error(message);
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
