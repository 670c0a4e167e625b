import { type Caller } from '@medigraph/chaincode-lib';
import { type ChaincodeStub } from 'fabric-shim-api';
import { z } from 'zod';
import { DAppError } from './dapp-error.js';
import { SuiteQuestion } from './suite-question.js';

const question = new SuiteQuestion('registry', 'DApps:Installed', z.object({ installed: z.boolean() }));

/** Who uses the DApp, as the ledger has it in this transaction. */
export class Installations {
  readonly #stub: ChaincodeStub;
  readonly #dapp: string;
  readonly #caller: Caller;

  constructor(stub: ChaincodeStub, dapp: string, caller: Caller) {
    this.#stub = stub;
    this.#dapp = dapp;
    this.#caller = caller;
  }

  /** Has someone installed the DApp? @param holder - chain address of a person or id of an institution; the caller if absent. */
  async has(holder: string = this.#caller.address): Promise<boolean> {
    return (await question.ask(this.#stub, { dapp: this.#dapp, holder })).installed;
  }

  /**
   * Refuses the transaction unless the holder has installed the DApp.
   * @throws {@link DAppError} `INSTALLATION_REQUIRED`.
   */
  async require(holder: string = this.#caller.address): Promise<void> {
    if (!(await this.has(holder)))
      throw new DAppError('INSTALLATION_REQUIRED', `${holder} has not installed ${this.#dapp}`);
  }
}
