import { care, primitives } from '@medigraph/schema';
import { ContractError, demand, demandDistinct, Returns, Transaction } from '@medigraph/chaincode-lib';
import { CareContext } from './care-context.js';
import { CareContract } from './care-contract.js';
import { provenSigner } from './key-proof.js';
import { practitionerOfCaller } from './acting.js';

/** Who is who: institutions, practitioners, and patients by the address of their key. */
export class Registration extends CareContract {
  /** What everybody may know. */
  protected override readonly openToDApps = new Set(['Resolve', 'Self', 'PractitionerSelf']);

  constructor() {
    super('Registration');
  }

  /** Institutions become the caller's organisation's. */
  @Transaction()
  @Returns('string')
  async RegisterInstitutions(ctx: CareContext, argument: string): Promise<string> {
    const { institutions } = ctx.argument(care.registerInstitutions, argument);
    const ids = institutions.map(({ id }) => id);
    demandDistinct(ids, (index) => `institutions.${index}.id`);
    ids.forEach((id, index) => {
      // Grants and wrapped keys name institutions and patients alike: an institution must not pass for a patient.
      const isAddress = primitives.chainAddress.safeParse(id).success;
      demand(!isAddress, 'ARGUMENT_INVALID', `institutions.${index}.id: must not look like a chain address`);
    });
    await ctx.claimOrganization('institutions');
    const known = await Promise.all(ids.map((id) => ctx.institutions.get(id)));
    for (const one of known) demand(!one, 'INSTITUTION_EXISTS', `institution ${one?.id ?? ''} is registered`);
    const registered = institutions.map((institution) => ({
      ...institution,
      mspId: ctx.caller.mspId,
      registeredAt: ctx.now,
    }));
    await Promise.all(registered.map((institution) => ctx.institutions.put(institution, institution.id)));
    ctx.emit('InstitutionRegistered', registered);
    return ctx.answer(registered);
  }

  /** By the organisation of the institution they work for. */
  @Transaction()
  @Returns('string')
  async RegisterPractitioners(ctx: CareContext, argument: string): Promise<string> {
    const { practitioners } = ctx.argument(care.registerPractitioners, argument);
    const ids = practitioners.map(({ id }) => id);
    demandDistinct(ids, (index) => `practitioners.${index}.id`);
    const employers = new Set(practitioners.map(({ institution }) => institution));
    await Promise.all([...employers].map((id) => ctx.institutionOfCaller(id)));
    const known = await Promise.all(ids.map((id) => ctx.practitioners.get(id)));
    for (const one of known)
      demand(!one, 'PRACTITIONER_EXISTS', `practitioner ${one?.id ?? ''} is registered`);
    const registered = practitioners.map((practitioner) => ({ ...practitioner, registeredAt: ctx.now }));
    await Promise.all(registered.map((practitioner) => ctx.practitioners.put(practitioner, practitioner.id)));
    ctx.emit('PractitionerRegistered', registered);
    return ctx.answer(registered);
  }

  /** The patient's address is that of the key that signs. */
  @Transaction()
  @Returns('string')
  async RegisterPatient(ctx: CareContext, argument: string): Promise<string> {
    const { patientIdHash, encryptionKey } = ctx.argument(care.registerPatient, argument);
    const { address, mspId } = ctx.caller;
    await ctx.claimOrganization('patients');
    const [, sameId] = await Promise.all([
      ctx.demandNewKey(address),
      ctx.patientAddresses.get(patientIdHash),
    ]);
    demand(sameId === undefined, 'PATIENT_EXISTS', 'a patient is registered with this patient id');
    const patient: care.Patient = {
      address,
      patientIdHash,
      mspId,
      encryptionKey,
      status: 'active',
      registeredAt: ctx.now,
    };
    await Promise.all([ctx.patients.put(patient, address), ctx.patientAddresses.put(address, patientIdHash)]);
    ctx.emit('PatientRegistered', [patient]);
    return ctx.answer(patient);
  }

  /** By the patient: another key follows the one that signs, which from then on is nobody's. The address stays. */
  @Transaction()
  @Returns('string')
  async RotateKey(ctx: CareContext, argument: string): Promise<string> {
    const { signingKey, encryptionKey, proof } = ctx.argument(care.rotateKey, argument);
    const patient = await ctx.callingPatient();
    const statement = care.rotationStatement({
      patient: patient.address,
      signer: ctx.caller.address,
      signingKey,
      encryptionKey,
    });
    const signer = provenSigner(signingKey, statement, proof);
    await ctx.demandNewKey(signer);
    const rotated: care.Patient = { ...patient, encryptionKey, signer };
    await Promise.all([ctx.patients.put(rotated, patient.address), ctx.signers.put(patient.address, signer)]);
    ctx.emit('KeyRotated', [rotated]);
    return ctx.answer(rotated);
  }

  /** By the organisation of the institution, not by a person: another encryption key follows the one there is. */
  @Transaction()
  @Returns('string')
  async RotateInstitutionKey(ctx: CareContext, argument: string): Promise<string> {
    const { institution: id, encryptionKey } = ctx.argument(care.rotateInstitutionKey, argument);
    const institution = await ctx.institutionOfCaller(id);
    demand(!ctx.caller.isPerson, 'CALLER_FORBIDDEN', 'a person rotates no key of an institution');
    const rotated: care.Institution = { ...institution, encryptionKey };
    await ctx.institutions.put(rotated, id);
    ctx.emit('InstitutionKeyRotated', [rotated]);
    return ctx.answer(rotated);
  }

  /**
   * By the patient, or by the organisation that enrolled them. For good: the patient's keys act no more, and nobody reads
   * under a consent of theirs.
   */
  @Transaction()
  @Returns('string')
  async Deactivate(ctx: CareContext, argument: string): Promise<string> {
    const { patient: address } = ctx.argument(care.deactivate, argument);
    const patient = await this.#deactivatable(ctx, address);
    const deactivated: care.Patient = { ...patient, status: 'inactive' };
    await ctx.patients.put(deactivated, patient.address);
    ctx.emit('PatientDeactivated', [deactivated]);
    return ctx.answer(deactivated);
  }

  /** For everyone: to know a patient's address or the keyed hash of their id is what entitles to ask. */
  @Transaction(false)
  @Returns('string')
  async Resolve(ctx: CareContext, argument: string): Promise<string> {
    const asked = ctx.argument(care.resolve, argument);
    if ('institution' in asked) return ctx.answer(await ctx.existingInstitution(asked.institution));
    const address = 'patient' in asked ? asked.patient : await ctx.patientAddresses.get(asked.patientIdHash);
    const patient = address === undefined ? undefined : await ctx.patients.get(address);
    if (!patient) throw new ContractError('PATIENT_NOT_FOUND', 'there is no such patient');
    return ctx.answer(patient);
  }

  /** The patient who signs, under the address that they have for good. */
  @Transaction(false)
  @Returns('string')
  async Self(ctx: CareContext, argument: string): Promise<string> {
    ctx.argument(care.readSelf, argument);
    return ctx.answer(await ctx.callingPatient());
  }

  /** The practitioner who signs, with the institution of the caller's organisation at which they work; nobody for anyone else. */
  @Transaction(false)
  @Returns('string')
  async PractitionerSelf(ctx: CareContext, argument: string): Promise<string> {
    ctx.argument(care.readSelf, argument);
    const practitioner = await practitionerOfCaller(ctx);
    return ctx.answer(practitioner === undefined ? {} : { practitioner });
  }

  /** The organisations that have registered anybody. */
  @Transaction(false)
  @Returns('string')
  async Organizations(ctx: CareContext, argument: string): Promise<string> {
    ctx.argument(care.readOrganizations, argument);
    return ctx.answer(await ctx.organizations.all());
  }

  /** Themself if the caller is a patient; of an organisation's own client, the one it names. */
  async #deactivatable(ctx: CareContext, address: string | undefined): Promise<care.Patient> {
    const self = await ctx.patientOfCaller();
    if (self || address === undefined || ctx.caller.isPerson) {
      const patient = await ctx.callingPatient();
      demand(
        address === undefined || address === patient.address,
        'CALLER_FORBIDDEN',
        'a patient deactivates nobody but themself',
      );
      return patient;
    }
    const patient = await ctx.activePatient(address);
    demand(
      patient.mspId === ctx.caller.mspId,
      'CALLER_FORBIDDEN',
      `patient ${address} was not enrolled by ${ctx.caller.mspId}`,
    );
    return patient;
  }
}
