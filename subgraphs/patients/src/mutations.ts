import { checked, writtenOne } from '@medigraph/platform/graph';
import { care } from '@medigraph/schema';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { PatientsContext } from './context.js';
import { identifierHash } from './identifier.js';
import { institutionOf, patientOf, practitionerOf } from './nodes.js';
import { mayRegister } from './policy.js';
import {
  RegisterInstitutionInput,
  RegisterInstitutionPayload,
  RegisterPatientInput,
  RegisterPatientPayload,
  RegisterPractitionerInput,
  RegisterPractitionerPayload,
} from './types.js';

@Resolver()
export class RegistrationMutations {
  @Mutation(() => RegisterPatientPayload, {
    description:
      'Makes a patient’s keys, enrols them and registers the patient under their own signature. A patient id is registered once: PATIENT_EXISTS.',
  })
  async registerPatient(
    @Ctx('request') context: PatientsContext,
    @Arg('input', () => RegisterPatientInput, { description: 'The patient.' }) input: RegisterPatientInput,
  ): Promise<RegisterPatientPayload> {
    context.requireRole(...mayRegister.patient);
    const { custody, ledger } = context.services;
    const patientIdHash = identifierHash(custody, input.identifier);
    const { identity, encryptionKey } = await custody.enrol(context.patientsOrganization);
    const { channel, chaincode } = context.care;
    const committed = await ledger.submit<unknown>({
      channel,
      chaincode,
      contract: 'Registration',
      transaction: 'RegisterPatient',
      argument: checked(care.registerPatient, { patientIdHash, encryptionKey }),
      signer: identity,
    });
    await context.reached(committed);
    const document = await writtenOne(context.registry.patients, identity.address, committed.transaction);
    return Object.assign(new RegisterPatientPayload(), {
      transaction: committed.transaction,
      patient: patientOf(document),
    });
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
