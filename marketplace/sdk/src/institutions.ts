import { type Caller } from '@medigraph/chaincode-lib';
import { type ChaincodeStub } from 'fabric-shim-api';
import { z } from 'zod';
import { DAppError } from './dapp-error.js';
import { SuiteQuestion } from './suite-question.js';

const question = new SuiteQuestion('care', 'Registration:Resolve', z.object({ mspId: z.string() }));

/** Institutions of the consortium, as the ledger has them in this transaction. */
export class Institutions {
  readonly #stub: ChaincodeStub;
  readonly #caller: Caller;

  constructor(stub: ChaincodeStub, caller: Caller) {
    this.#stub = stub;
    this.#caller = caller;
  }

  /** MSP id of the organisation that an institution belongs to. @throws {@link DAppError} `SUITE_REFUSED` if there is none. */
  async organizationOf(institution: string): Promise<string> {
    return (await question.ask(this.#stub, { institution })).mspId;
  }

  /**
   * Refuses the transaction unless the institution belongs to the caller's organisation.
   * @throws {@link DAppError} `INSTITUTION_FOREIGN`.
   */
  async requireOwn(institution: string): Promise<void> {
    if ((await this.organizationOf(institution)) !== this.#caller.mspId)
      throw new DAppError(
        'INSTITUTION_FOREIGN',
        `${institution} does not belong to ${this.#caller.mspId}: name an institution of your own`,
      );
  }
}
