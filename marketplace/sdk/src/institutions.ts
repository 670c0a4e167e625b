import { type ChaincodeStub } from 'fabric-shim-api';
import { institutionKinds } from '@medigraph/schema';
import { z } from 'zod';
import { DAppError } from './dapp-error.js';
import { type DAppCaller } from './dapp-context.js';
import { SuiteQuestion } from './suite-question.js';

const question = new SuiteQuestion(
  'care',
  'Registration:Resolve',
  z.object({ id: z.string(), mspId: z.string(), kind: z.enum(institutionKinds) }),
);

const practitionerQuestion = new SuiteQuestion(
  'care',
  'Registration:PractitionerSelf',
  z.object({ practitioner: z.object({ id: z.string(), institution: z.string() }).optional() }),
);

/** An institution that the ledger knows. */
export type Institution = z.infer<(typeof question)['answer']>;

/** Institutions of the consortium, as the ledger has them in this transaction. */
export class Institutions {
  readonly #stub: ChaincodeStub;
  readonly #caller: DAppCaller;

  constructor(stub: ChaincodeStub, caller: DAppCaller) {
    this.#stub = stub;
    this.#caller = caller;
  }

  /** Kind of an institution, and the MSP id of the organisation that it belongs to. @throws {@link DAppError} `SUITE_REFUSED` if there is none. */
  read(institution: string): Promise<Institution> {
    return question.ask(this.#stub, { institution });
  }

  /**
   * Id of the institution at which the practitioner who calls works, as the ledger has it now. Undefined for whoever else calls:
   * an organisation signs for all of its institutions, so a transaction is told which, and asks {@link requireOwn}.
   */
  async ofPractitioner(): Promise<string | undefined> {
    if (this.#caller.practitioner === undefined) return undefined;
    return (await practitionerQuestion.ask(this.#stub, {})).practitioner?.institution;
  }

  /**
   * Refuses the transaction unless the caller acts for the institution: it belongs to their organisation and, if they are a
   * practitioner, they work there.
   * @throws {@link DAppError} `INSTITUTION_FOREIGN`.
   */
  async requireOwn(institution: string): Promise<Institution> {
    const [found, works] = [await this.read(institution), await this.ofPractitioner()];
    if (found.mspId !== this.#caller.mspId)
      throw new DAppError(
        'INSTITUTION_FOREIGN',
        `${institution} does not belong to ${this.#caller.mspId}: name an institution of your own`,
      );
    const { practitioner } = this.#caller;
    if (practitioner !== undefined && works !== institution)
      throw new DAppError(
        'INSTITUTION_FOREIGN',
        `practitioner ${practitioner} does not work for ${institution}`,
      );
    return found;
  }
}
