import { type care, type primitives } from '@medigraph/schema';
import { type ConsentMark, markOf } from './consent-marks.js';
import { ContractError, demand, StateTable, TransactionContext } from '@medigraph/chaincode-lib';

/** Where the consent of an id is kept. */
export interface ConsentPointer {
  readonly patient: string;
  readonly grantee: string;
}

/** Chain address of the key that signs for a patient. */
export const signerOf = ({ address, signer = address }: care.Patient): string => signer;

/** The same words whether there is no such patient, they are inactive, or the caller is to know nothing of them. */
export const patientNotFound = (address: string): ContractError =>
  new ContractError('PATIENT_NOT_FOUND', `there is no active patient ${address}`);

/** A transaction of the care suite: its state, and the rules on parties that its contracts share. */
export class CareContext extends TransactionContext {
  /** By MSP id. */
  get organizations(): StateTable<care.Organization> {
    return StateTable.json(this.stub, 'organization');
  }
  /** By id. */
  get institutions(): StateTable<care.Institution> {
    return StateTable.json(this.stub, 'institution');
  }
  /** By id. */
  get practitioners(): StateTable<care.Practitioner> {
    return StateTable.json(this.stub, 'practitioner');
  }
  /** By address. */
  get patients(): StateTable<care.Patient> {
    return StateTable.json(this.stub, 'patient');
  }
  /** Patient id hash to address. */
  get patientAddresses(): StateTable<string> {
    return StateTable.text(this.stub, 'patient-id-hash');
  }
  /** Chain address of a key that came after the first to the address of the patient it signs, or signed, for. */
  get signers(): StateTable<string> {
    return StateTable.text(this.stub, 'signer');
  }
  /** Whom a patient named as guardians, by patient. */
  get guardianships(): StateTable<care.Guardianship> {
    return StateTable.json(this.stub, 'guardianship');
  }
  /** Sealed decryption keys of a patient whose guardians have shares of them, by patient. */
  get escrows(): StateTable<care.KeyEscrow> {
    return StateTable.json(this.stub, 'key-escrow');
  }
  /** Shares that guardians have handed over, by patient, the key that followed, and guardian. */
  get handedShares(): StateTable<care.HandedShare> {
    return StateTable.json(this.stub, 'handed-share');
  }
  /** By patient and the key that is to follow. */
  get recoveries(): StateTable<care.Recovery> {
    return StateTable.json(this.stub, 'recovery');
  }
  /** By patient and institution. */
  get storageAuthorizations(): StateTable<care.StorageAuthorization> {
    return StateTable.json(this.stub, 'storage');
  }
  /** The index of entries, by patient and entry id. It holds no ciphertext, so that listing reads none. */
  get entries(): StateTable<care.Entry> {
    return StateTable.json(this.stub, 'entry');
  }
  /** By patient and import id. */
  get imports(): StateTable<care.HistoryImport> {
    return StateTable.json(this.stub, 'import');
  }
  /** By patient, institution and application. */
  get contributors(): StateTable<care.Contributor> {
    return StateTable.json(this.stub, 'contributor');
  }
  /** Batches that were taken, by patient, institution, application and batch. */
  get contributions(): StateTable<care.Contribution> {
    return StateTable.json(this.stub, 'contribution');
  }
  /** Sealed bodies, by patient and entry id. */
  get bodies(): StateTable<string> {
    return StateTable.text(this.stub, 'body');
  }
  /** Parts of sealed bodies that are stored in several, by patient, entry id and number. */
  get bodyParts(): StateTable<string> {
    return StateTable.text(this.stub, 'body-part');
  }
  /** Entries of which not everything is there, by patient and entry id. */
  get drafts(): StateTable<care.DraftEntry> {
    return StateTable.json(this.stub, 'draft');
  }
  /** What was erased, by patient and entry id. */
  get erasures(): StateTable<care.Erasure> {
    return StateTable.json(this.stub, 'erasure');
  }
  /** By patient: the transaction of their last grant. Grants write it blindly, so they do not get in each other's way. */
  get grantMarks(): StateTable<string> {
    return StateTable.text(this.stub, 'grants');
  }
  /** Keys wrapped for patient and holder (recipient to key), by patient and entry id. */
  get ownKeys(): StateTable<Record<string, string>> {
    return StateTable.json(this.stub, 'own-keys');
  }
  /** A key wrapped for a grantee, by consent and entry id. */
  get grantedKeys(): StateTable<string> {
    return StateTable.text(this.stub, 'granted-key');
  }
  /** By patient, grantee and consent id: what a grantee may read is one range. */
  get consents(): StateTable<care.Consent> {
    return StateTable.json(this.stub, 'consent');
  }
  /** By consent id. */
  get consentPointers(): StateTable<ConsentPointer> {
    return StateTable.json(this.stub, 'consent-pointer');
  }
  /** Who has keys of an entry, by patient, entry, grantee and consent: finding them costs the same among many consents. */
  get keyHolders(): StateTable<string> {
    return StateTable.text(this.stub, 'key-holder');
  }
  /** Consents that matter beyond themselves, by mark, patient, grantee and consent id. */
  get marks(): StateTable<string> {
    return StateTable.text(this.stub, 'consent-mark');
  }
  /** By id, which is that of the consent it made. */
  get emergencies(): StateTable<care.EmergencyAccess> {
    return StateTable.json(this.stub, 'emergency');
  }
  /** The one policy, once a regulator has set it, under the key `current`. */
  get emergencyPolicies(): StateTable<care.EmergencyPolicy> {
    return StateTable.json(this.stub, 'emergency-policy');
  }
  /** Ids of emergency accesses that nobody has reviewed, in the order of time. */
  get unreviewed(): StateTable<string> {
    return StateTable.text(this.stub, 'unreviewed-emergency');
  }
  /** Transaction ids of openings, by patient and in the order of time. */
  get openingTimes(): StateTable<string> {
    return StateTable.text(this.stub, 'opening-time');
  }
  /** By patient and transaction id: two openings never touch the same key. */
  get openings(): StateTable<care.Opening> {
    return StateTable.json(this.stub, 'opening');
  }

  /** Emits the transaction's one event. */
  emit<Name extends keyof care.CareEvents>(name: Name, items: readonly care.CareEvents[Name][]): void {
    this.setEvent(name, items);
  }

  /**
   * The institution that the caller acts for.
   * @throws {@link ContractError} `INSTITUTION_NOT_FOUND`; `CALLER_FORBIDDEN` if it is another organisation's.
   */
  async institutionOfCaller(id: string): Promise<care.Institution> {
    const institution = await this.existingInstitution(id);
    demand(
      institution.mspId === this.caller.mspId,
      'CALLER_FORBIDDEN',
      `institution ${id} does not belong to ${this.caller.mspId}`,
    );
    return institution;
  }

  /** @throws {@link ContractError} `INSTITUTION_NOT_FOUND`. */
  async existingInstitution(id: string): Promise<care.Institution> {
    const institution = await this.institutions.get(id);
    if (!institution) throw new ContractError('INSTITUTION_NOT_FOUND', `there is no institution ${id}`);
    return institution;
  }

  /** The ids among these of institutions that belong to the caller's organisation. */
  async institutionsOfCaller(ids: Iterable<string>): Promise<ReadonlySet<string>> {
    const found = await Promise.all([...new Set(ids)].map((id) => this.institutions.get(id)));
    return new Set(found.flatMap((one) => (one?.mspId === this.caller.mspId ? [one.id] : [])));
  }

  /**
   * The patient whose key signed the transaction, if it is one's: also an inactive one. A key that another has followed
   * is nobody's.
   */
  async patientOfCaller(): Promise<care.Patient | undefined> {
    const { address: signer, mspId } = this.caller;
    const patient = await this.patients.get((await this.signers.get(signer)) ?? signer);
    return patient?.mspId === mspId && signerOf(patient) === signer ? patient : undefined;
  }

  /**
   * The patient whose key signed the transaction.
   * @throws {@link ContractError} `CALLER_FORBIDDEN` if the caller is not a registered, active patient.
   */
  async callingPatient(): Promise<care.Patient> {
    const patient = await this.patientOfCaller();
    if (patient?.status !== 'active')
      throw new ContractError(
        'CALLER_FORBIDDEN',
        'only a registered patient may do this, with their own key',
      );
    return patient;
  }

  /**
   * Refuses a key that a patient has or had: one key speaks for one person, for good.
   * @throws {@link ContractError} `PATIENT_EXISTS`.
   */
  async demandNewKey(address: string): Promise<void> {
    const [patient, follower] = await Promise.all([this.patients.get(address), this.signers.get(address)]);
    demand(!patient && follower === undefined, 'PATIENT_EXISTS', 'a patient is registered with this key');
  }

  /** @throws {@link ContractError} `PATIENT_NOT_FOUND`, for an inactive patient too. */
  async activePatient(address: string): Promise<care.Patient> {
    const patient = await this.patients.get(address);
    if (patient?.status !== 'active') throw patientNotFound(address);
    return patient;
  }

  /** The consent of an id, if there is one. */
  async consent(id: string): Promise<care.Consent | undefined> {
    const pointer = await this.consentPointers.get(id);
    return pointer && (await this.consents.get(pointer.patient, pointer.grantee, id));
  }

  /**
   * A consent of the patient.
   * @throws {@link ContractError} `CONSENT_NOT_FOUND`, for another patient's too.
   */
  async consentOfPatient(id: string, patient: string): Promise<care.Consent> {
    const consent = await this.consent(id);
    if (consent?.patient !== patient)
      throw new ContractError('CONSENT_NOT_FOUND', `there is no consent ${id}`);
    return consent;
  }

  /** @param before - what the consent was; absent for a new one. */
  async putConsent(consent: care.Consent, before?: care.Consent): Promise<void> {
    const { id, patient, grantee } = consent;
    const [was, is] = [before && markOf(before), markOf(consent)];
    const grants =
      consent.status === 'active' && consent.decision === 'permit' && before?.status !== 'active';
    await Promise.all([
      this.consents.put(consent, patient, grantee, id),
      ...(grants ? [this.grantMarks.put(this.transactionId, patient)] : []),
      ...(before ? [] : [this.consentPointers.put({ patient, grantee }, id)]),
      ...(was !== undefined && was !== is ? [this.marks.delete(was, patient, grantee, id)] : []),
      ...(is !== undefined && was !== is ? [this.marks.put(id, is, patient, grantee, id)] : []),
    ]);
  }

  /** The transaction of a patient's last grant, or `none`. */
  async lastGrant(patient: string): Promise<string> {
    return (await this.grantMarks.get(patient)) ?? 'none';
  }

  /** Ids of the consents of a patient (and a grantee) that bear a mark. */
  async marked(mark: ConsentMark, ...parties: [patient: string, grantee?: string]): Promise<string[]> {
    return this.marks.all(mark, ...(parties as string[]));
  }

  /**
   * Records what an organisation registers, the first time.
   * @throws {@link ContractError} `CALLER_FORBIDDEN` if it registers the other, or a person would register institutions.
   */
  async claimOrganization(registers: care.Organization['registers']): Promise<void> {
    const { mspId, isPerson } = this.caller;
    demand(!isPerson || registers === 'patients', 'CALLER_FORBIDDEN', 'a person registers no institutions');
    const organization = await this.organizations.get(mspId);
    if (!organization) return this.organizations.put({ mspId, registers }, mspId);
    demand(
      organization.registers === registers,
      'CALLER_FORBIDDEN',
      `${mspId} registers ${organization.registers} and therefore no ${registers}`,
    );
  }

  /** True if the instant lies in the period; its end is outside. */
  within(period: primitives.InstantPeriod): boolean {
    const { now } = this;
    return (!period.start || period.start <= now) && (!period.end || now < period.end);
  }
}
