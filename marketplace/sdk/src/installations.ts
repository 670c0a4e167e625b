import { type ChaincodeStub } from 'fabric-shim-api';
import { z } from 'zod';
import { DAppError } from './dapp-error.js';
import { SuiteQuestion } from './suite-question.js';

const question = new SuiteQuestion('registry', 'DApps:Installed', z.object({ installed: z.boolean() }));

/** Who uses the DApp, as the ledger has it in this transaction. */
export class Installations {
  readonly #stub: ChaincodeStub;
  readonly #dapp: string;
  readonly #caller: () => Promise<string>;

  /** @param caller - who calls, as a holder of installations */
  constructor(stub: ChaincodeStub, dapp: string, caller: () => Promise<string>) {
    this.#stub = stub;
    this.#dapp = dapp;
    this.#caller = caller;
  }

  /** Has someone installed the DApp? @param holder - chain address of a person or id of an institution; the caller if absent. */
  async has(holder?: string): Promise<boolean> {
    const asked = { dapp: this.#dapp, holder: holder ?? (await this.#caller()) };
    return (await question.ask(this.#stub, asked)).installed;
  }

  /**
   * Refuses the transaction unless the holder has installed the DApp.
   * @throws {@link DAppError} `INSTALLATION_REQUIRED`.
   */
  async require(holder?: string): Promise<void> {
    const asked = holder ?? (await this.#caller());
    if (!(await this.has(asked)))
      throw new DAppError('INSTALLATION_REQUIRED', `${asked} has not installed ${this.#dapp}`);
  }
}
