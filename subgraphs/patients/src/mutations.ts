import { checked, SecondFactor, writtenOne } from '@medigraph/platform/graph';
import { type TransactionReference } from '@medigraph/platform/ledger';
import { care } from '@medigraph/schema';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { PatientsContext } from './context.js';
import { institutionOf, patientOf, practitionerOf } from './nodes.js';
import { deactivate, rotateInstitutionKey, rotateKeptKeys } from './own-keys.js';
import { registerPerson } from './patient-registration.js';
import { mayRegister } from './policy.js';
import {
  DeactivatePatientInput,
  PatientPayload,
  RegisterInstitutionInput,
  RegisterInstitutionPayload,
  RegisterPatientInput,
  RegisterPatientPayload,
  RegisterPractitionerInput,
  RegisterPractitionerPayload,
  RotateInstitutionKeyInput,
  RotateInstitutionKeyPayload,
} from './types.js';

@Resolver()
export class RegistrationMutations {
  @Mutation(() => RegisterPatientPayload, {
    description:
      'Makes a patient’s keys, which are kept here, enrols them and registers the patient under their own signature. A patient id is registered once: PATIENT_EXISTS. For patients who keep their keys see enrolWallet.',
  })
  async registerPatient(
    @Ctx('request') context: PatientsContext,
    @Arg('input', () => RegisterPatientInput, { description: 'The patient.' }) input: RegisterPatientInput,
  ): Promise<RegisterPatientPayload> {
    context.requireRole(...mayRegister.patient);
    // To delegate wants a second factor, whichever way.
    if (input.delegate) context.requireAcr();
    const { address, transaction } = await registerPerson(context, input);
    const document = await writtenOne(context.registry.patients, address, transaction);
    return Object.assign(new RegisterPatientPayload(), {
      transaction,
      patient: patientOf(document),
    });
  }

  @SecondFactor()
  @Mutation(() => PatientPayload, {
    description:
      'As a patient whose keys are kept here: have new ones made, which follow those there are. Your id stays; if it is cut off, call it again. KEY_NOT_FOUND: you keep your keys yourself, and your wallet rotates them.',
  })
  async rotateKeys(@Ctx('request') context: PatientsContext): Promise<PatientPayload> {
    const transaction = await rotateKeptKeys(context);
    await context.reached({ result: undefined, transaction });
    return patientPayload(context, context.requirePatient(), transaction);
  }

  @SecondFactor()
  @Mutation(() => PatientPayload, {
    description:
      'End a registration, for good: your own, or as an operator of the organisation that enrols patients the one named. The patient’s keys act no more, and nobody reads under their consents.',
  })
  async deactivatePatient(
    @Ctx('request') context: PatientsContext,
    @Arg('input', () => DeactivatePatientInput, { description: 'Whose.' })
    { patient, idempotencyKey }: DeactivatePatientInput,
  ): Promise<PatientPayload> {
    const { address, transaction } = await deactivate(context, patient, idempotencyKey);
    return patientPayload(context, address, transaction);
  }

  @Mutation(() => RegisterInstitutionPayload, {
    description: 'Registers an institution of your organisation and makes its encryption key.',
  })
  async registerInstitution(
    @Ctx('request') context: PatientsContext,
    @Arg('input', () => RegisterInstitutionInput, { description: 'The institution.' })
    { id, name, kind, idempotencyKey }: RegisterInstitutionInput,
  ): Promise<RegisterInstitutionPayload> {
    context.requireRole(...mayRegister.institution);
    const shape = care.registerInstitutions.shape.institutions.element.omit({ encryptionKey: true });
    const institution = checked(shape, { id, name, kind });
    const encryptionKey = await context.services.custody.encryptionKeyFor(id);
    const { transaction } = await context.commit(
      {
        contract: 'Registration',
        transaction: 'RegisterInstitutions',
        argument: { institutions: [{ ...institution, encryptionKey }] },
      },
      { idempotencyKey },
    );
    const document = await writtenOne(context.registry.institutions, id, transaction);
    return Object.assign(new RegisterInstitutionPayload(), {
      transaction,
      institution: institutionOf(document),
    });
  }

  @SecondFactor()
  @Mutation(() => RotateInstitutionKeyPayload, {
    description:
      'As an operator of its organisation: have another encryption key follow that of an institution. What it holds and was granted is wrapped anew in the background; if it is cut off, call it again.',
  })
  async rotateInstitutionKey(
    @Ctx('request') context: PatientsContext,
    @Arg('input', () => RotateInstitutionKeyInput, { description: 'Whose.' })
    { institution: id }: RotateInstitutionKeyInput,
  ): Promise<RotateInstitutionKeyPayload> {
    context.requireRole(...mayRegister.institution);
    const transaction = await rotateInstitutionKey(context, id);
    const document = await writtenOne(context.registry.institutions, id, transaction);
    return Object.assign(new RotateInstitutionKeyPayload(), {
      transaction,
      institution: institutionOf(document),
    });
  }

  @Mutation(() => RegisterPractitionerPayload, {
    description: 'Registers a practitioner of an institution of your organisation.',
  })
  async registerPractitioner(
    @Ctx('request') context: PatientsContext,
    @Arg('input', () => RegisterPractitionerInput, { description: 'The practitioner.' })
    { id, name, institution, idempotencyKey }: RegisterPractitionerInput,
  ): Promise<RegisterPractitionerPayload> {
    context.requireRole(...mayRegister.practitioner);
    const { transaction } = await context.commit(
      {
        contract: 'Registration',
        transaction: 'RegisterPractitioners',
        argument: checked(care.registerPractitioners, { practitioners: [{ id, name, institution }] }),
      },
      { idempotencyKey },
    );
    const document = await writtenOne(context.registry.practitioners, id, transaction);
    return Object.assign(new RegisterPractitionerPayload(), {
      transaction,
      practitioner: practitionerOf(document),
    });
  }
}

async function patientPayload(
  { registry }: PatientsContext,
  address: string,
  transaction: TransactionReference,
): Promise<PatientPayload> {
  const document = await writtenOne(registry.patients, address, transaction);
  return Object.assign(new PatientPayload(), { transaction, patient: patientOf(document) });
}
