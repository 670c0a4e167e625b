import { type ChaincodeStub } from 'fabric-shim-api';
import { type z } from 'zod';
import { DAppError } from './dapp-error.js';

/** Fabric's status of an answer. */
const ok = 200;

interface Answer {
  readonly status: number;
  readonly message?: string;
  readonly payload?: Uint8Array;
}

/** One of the questions that the consortium's suites answer to DApps, on the transaction's own channel. */
export class SuiteQuestion<Schema extends z.ZodType> {
  readonly #chaincode: string;
  readonly #transaction: string;
  readonly answer: Schema;

  constructor(chaincode: string, transaction: string, answer: Schema) {
    this.#chaincode = chaincode;
    this.#transaction = transaction;
    this.answer = answer;
  }

  /** @throws {@link DAppError} `SUITE_REFUSED` with what the suite says. */
  async ask(stub: ChaincodeStub, question: object): Promise<z.output<Schema>> {
    const args = [this.#transaction, JSON.stringify(question)];
    const { status, message, payload }: Answer = await stub.invokeChaincode(this.#chaincode, args, '');
    if (status !== ok || !payload)
      throw new DAppError('SUITE_REFUSED', `${this.#transaction} answers: ${message ?? 'nothing'}`);
    return this.answer.parse(JSON.parse(Buffer.from(payload).toString()));
  }
}
