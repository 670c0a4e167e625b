/** What the platform does in the name of a patient whose keys it keeps, for those who act for them. */
import { type care } from '@medigraph/schema';
import { unwrapWithAny } from '../envelope/index.js';
import { KeyNotFoundError } from '../identity/index.js';
import { patientsOrganization } from '../ledger/index.js';
import { type ContractCall, type RequestContext } from './request-context.js';

interface KeyPage {
  readonly items: readonly care.KeyInPlace[];
  readonly bookmark?: string;
}

const pageSize = 1000;

/**
 * A patient whose keys are kept here. Whoever acts for them (a newborn's parent, the organisation that enrolled them) has
 * no key of what they are about to open to others: their own key has. It is asked of the ledger, which is evaluated and
 * leaves nothing that the patient did not do; what is then written is signed by whoever acts.
 */
export class KeptPatient {
  readonly #context: RequestContext;
  readonly #patient: string;

  /** @param patient - chain address. */
  constructor(context: RequestContext, patient: string) {
    this.#context = context;
    this.#patient = patient;
  }

  /** Evaluates as the patient. @throws `KEY_NOT_FOUND` if they keep their keys themself. */
  async evaluate<T>(call: ContractCall): Promise<T> {
    const { custody, ledger, network } = this.#context.services;
    const signer = await custody.signerFor({
      subject: this.#patient,
      role: 'patient',
      mspId: patientsOrganization(network),
      patient: this.#patient,
      scopes: new Set(),
      expiresAt: 0,
    });
    const { channel, chaincode } = this.#context.care;
    return ledger.evaluate<T>({ channel, chaincode, ...call, signer });
  }

  /** Content keys of these entries, as far as there are any. @throws `KEY_NOT_FOUND` */
  async contentKeys(entries: readonly string[]): Promise<Map<string, Uint8Array>> {
    const keys = new Map<string, Uint8Array>();
    const wanted = new Set(entries);
    if (wanted.size === 0) return keys;
    const { custody, envelopes } = this.#context.services;
    const privateKeys = await custody.decryptionKeys(this.#patient);
    if (privateKeys.length === 0) throw new KeyNotFoundError(this.#patient);
    let bookmark: string | undefined;
    do {
      const page: KeyPage = await this.evaluate<KeyPage>({
        contract: 'Records',
        transaction: 'KeysOf',
        argument: { patient: this.#patient, pageSize, ...(bookmark !== undefined && { bookmark }) },
      });
      for (const { entry, consent, key } of page.items)
        if (consent === undefined && wanted.has(entry))
          keys.set(entry, await unwrapWithAny(envelopes, key, privateKeys));
      bookmark = page.bookmark;
    } while (bookmark !== undefined && keys.size < wanted.size);
    return keys;
  }
}
