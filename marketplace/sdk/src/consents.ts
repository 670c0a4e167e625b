import { type EntryCategory, type PurposeOfUse } from '@medigraph/schema';
import { type ChaincodeStub } from 'fabric-shim-api';
import { z } from 'zod';
import { DAppError } from './dapp-error.js';
import { SuiteQuestion } from './suite-question.js';

/** What a contract wants to know of a patient's consents to the DApp itself: of others it learns nothing. */
export interface ConsentQuestion {
  /** Chain address. */
  readonly patient: string;
  /** To whom it was given: id of an institution. Any, if absent. */
  readonly grantee?: string;
  readonly purpose: PurposeOfUse;
  /** Of entries; absent asks for a consent to all of them. */
  readonly category?: EntryCategory;
}

const question = new SuiteQuestion(
  'care',
  'Access:Permits',
  z.object({ permitted: z.boolean(), consent: z.string().optional() }),
);

/** What patients allow, as the ledger has it in this transaction. */
export class Consents {
  readonly #stub: ChaincodeStub;
  readonly #dapp: string;

  constructor(stub: ChaincodeStub, dapp: string) {
    this.#stub = stub;
    this.#dapp = dapp;
  }

  /** Does a consent in force permit it to the DApp now? */
  async permits(asked: ConsentQuestion): Promise<boolean> {
    return (await this.#ask(asked)).permitted;
  }

  /**
   * Refuses the transaction unless a consent in force permits it now.
   * @returns id of the consent.
   * @throws {@link DAppError} `CONSENT_REQUIRED`.
   */
  async require(asked: ConsentQuestion): Promise<string | undefined> {
    const { permitted, consent } = await this.#ask(asked);
    if (permitted) return consent;
    const what = asked.category === undefined ? 'all records' : `records of ${asked.category}`;
    throw new DAppError(
      'CONSENT_REQUIRED',
      `no consent of ${asked.patient} permits to read ${what} for ${asked.purpose}`,
    );
  }

  #ask(asked: ConsentQuestion): Promise<{ permitted: boolean; consent?: string | undefined }> {
    return question.ask(this.#stub, { ...asked, actor: { kind: 'application', id: this.#dapp } });
  }
}
