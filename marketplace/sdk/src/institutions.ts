import { type Caller } from '@medigraph/chaincode-lib';
import { type ChaincodeStub } from 'fabric-shim-api';
import { institutionKinds } from '@medigraph/schema';
import { z } from 'zod';
import { DAppError } from './dapp-error.js';
import { SuiteQuestion } from './suite-question.js';

const question = new SuiteQuestion(
  'care',
  'Registration:Resolve',
  z.object({ id: z.string(), mspId: z.string(), kind: z.enum(institutionKinds) }),
);

/** An institution that the ledger knows. */
export type Institution = z.infer<(typeof question)['answer']>;

/** Institutions of the consortium, as the ledger has them in this transaction. */
export class Institutions {
  readonly #stub: ChaincodeStub;
  readonly #caller: Caller;

  constructor(stub: ChaincodeStub, caller: Caller) {
    this.#stub = stub;
    this.#caller = caller;
  }

  /** Kind of an institution, and the MSP id of the organisation that it belongs to. @throws {@link DAppError} `SUITE_REFUSED` if there is none. */
  read(institution: string): Promise<Institution> {
    return question.ask(this.#stub, { institution });
  }

  /**
   * Refuses the transaction unless the institution belongs to the caller's organisation.
   * @throws {@link DAppError} `INSTITUTION_FOREIGN`.
   */
  async requireOwn(institution: string): Promise<Institution> {
    const found = await this.read(institution);
    if (found.mspId !== this.#caller.mspId)
      throw new DAppError(
        'INSTITUTION_FOREIGN',
        `${institution} does not belong to ${this.#caller.mspId}: name an institution of your own`,
      );
    return found;
  }
}
