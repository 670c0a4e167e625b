import { type z } from 'zod';
import { type ChaincodeStub } from 'fabric-shim-api';
import { peer } from '@hyperledger/fabric-protos';
import { parseContractError } from '@medigraph/schema';
import { dappOfChaincode } from '@medigraph/schema/dapps';
import { parseArgument } from './arguments.js';
import { callerOf, type Caller } from './caller.js';
import { canonicalJson } from './canonical-json.js';
import { ContractError } from './contract-error.js';
import { Context } from './fabric.js';

/** The function's name and its one JSON argument. */
const argumentsOfCall = 2;

/** Status of an answer from which on it is a refusal. */
const failed = 400;

/** The shim's types leave out what a header says beyond its own fields. */
interface ExtendedHeader {
  getExtension_asU8(): Uint8Array;
}

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

  /**
   * The DApp whose chaincode was called and passes the call on; undefined if one of the consortium's suites was. It stands in
   * the proposal that the caller signed, which a peer hands on as it is to every chaincode that is called on the way.
   */
  get callingDApp(): string | undefined {
    const { channelHeader } = this.stub.getSignedProposal().proposal.header;
    const { chaincodeId } = peer.ChaincodeHeaderExtension.deserializeBinary(
      (channelHeader as unknown as ExtendedHeader).getExtension_asU8(),
    ).toObject();
    return dappOfChaincode(chaincodeId?.name ?? '');
  }

  /**
   * Evaluates a transaction of another suite on the same channel, in the name of the same caller.
   * @throws {@link ContractError} that the other suite refuses with.
   */
  async evaluate(chaincode: string, transaction: string, argument: unknown): Promise<unknown> {
    const {
      status,
      message = '',
      payload,
    } = await this.stub.invokeChaincode(chaincode, [transaction, canonicalJson(argument)], '');
    if (status < failed && payload) return JSON.parse(Buffer.from(payload).toString()) as unknown;
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

  /** Emits the transaction's one event; its payload is the array of items. */
  protected setEvent(name: string, items: readonly unknown[]): void {
    this.stub.setEvent(name, Buffer.from(canonicalJson(items)));
  }
}
