import { care, primitives } from '@medigraph/schema';
import { ContractError, demand, demandDistinct, Returns, Transaction } from '@medigraph/chaincode-lib';
import { CareContext } from './care-context.js';
import { CareContract } from './care-contract.js';

/** Who is who: institutions, practitioners, and patients by the address of their key. */
export class Registration extends CareContract {
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
    const [sameKey, sameId] = await Promise.all([
      ctx.patients.get(address),
      ctx.patientAddresses.get(patientIdHash),
    ]);
    demand(!sameKey, 'PATIENT_EXISTS', 'a patient is registered with this key');
    demand(!sameId, 'PATIENT_EXISTS', 'a patient is registered with this patient id');
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
}
