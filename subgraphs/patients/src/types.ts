/** The graph's types of this subgraph. */
import {
  connectionOf,
  delegatedActEnum,
  EventPayload,
  institutionKindEnum,
  MutationInput,
  MutationPayload,
  personalRelationshipEnum,
} from '@medigraph/platform/graph';
import { type care, type DelegatedAct, type PersonalRelationship, type Role, roles } from '@medigraph/schema';
import { dateTimeScalar, type FhirResource, fhirResourceScalar } from '@medigraph/schema/scalars';
import { Directive, Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';

export const roleEnum = Object.fromEntries(roles.map((role) => [role.toUpperCase(), role]));
registerEnumType(roleEnum, { name: 'Role', description: 'What a caller of the graph is.' });

/** A patient: no more than the ledger shows. What is known of the person is in sealed entries. */
@ObjectType('Patient', {
  description:
    'A patient. Their id is their chain address; what is known of the person is in sealed entries.',
})
@Directive('@key(fields: "id")')
export class Patient {
  @Field(() => ID, { description: 'Chain address: 40 hex digits, derived from the patient’s own key.' })
  id!: string;

  @Field(() => Boolean, {
    nullable: true,
    description: 'FHIR Patient.active: whether the registration stands.',
  })
  active?: boolean;

  @Field(() => String, { nullable: true, description: 'Organisation that enrolled the patient (MSP id).' })
  organization?: string;

  @Field(() => dateTimeScalar, { nullable: true, description: 'When the patient was registered.' })
  registeredAt?: string;
}

/** A hospital, an insurer or another party of the consortium. */
@ObjectType('Institution', { description: 'A hospital, an insurer or another party of the consortium.' })
@Directive('@key(fields: "id")')
export class Institution {
  @Field(() => ID, { description: 'Id in the consortium.' })
  id!: string;

  @Field(() => String, { description: 'Name.' })
  name!: string;

  @Field(() => institutionKindEnum, { description: 'What it does.' })
  kind!: care.Institution['kind'];

  @Field(() => String, { description: 'Organisation it belongs to (MSP id).' })
  organization!: string;

  @Field(() => dateTimeScalar, { description: 'When it was registered.' })
  registeredAt!: string;
}

/** Someone who works for an institution. */
@ObjectType('Practitioner', { description: 'Someone who treats patients for an institution.' })
@Directive('@key(fields: "id")')
export class Practitioner {
  @Field(() => ID, { description: 'Id in the consortium.' })
  id!: string;

  @Field(() => String, { description: 'Name.' })
  name!: string;

  @Field(() => dateTimeScalar, { description: 'When they were registered.' })
  registeredAt!: string;

  /** Id of the institution; the graph has the institution itself. */
  institutionId!: string;
}

/** The caller, as their token says. */
@ObjectType('Me', { description: 'The caller, as their access token says.' })
export class Me {
  @Field(() => ID, { description: 'Subject of the token.' })
  subject!: string;

  @Field(() => roleEnum, { description: 'What the caller is.' })
  role!: Role;

  @Field(() => String, { description: 'The caller’s organisation (MSP id).' })
  organization!: string;

  @Field(() => dateTimeScalar, { description: 'When the token runs out.' })
  expiresAt!: string;
}

export const PatientConnection = connectionOf(Patient, 'Patient');
export const InstitutionConnection = connectionOf(Institution, 'Institution');
export const PractitionerConnection = connectionOf(Practitioner, 'Practitioner');

@InputType({
  description: 'A person who acts for a patient from the first moment, such as the parent of a newborn.',
})
export class FirstDelegateInput {
  @Field(() => ID, { description: 'Chain address of the person.' })
  person!: string;

  @Field(() => personalRelationshipEnum, { description: 'As whom.' })
  relationship!: PersonalRelationship;

  @Field(() => [delegatedActEnum], { description: 'What they may do in the patient’s name.' })
  acts!: DelegatedAct[];
}

@InputType({ description: 'A patient to register.' })
export class RegisterPatientInput extends MutationInput {
  @Field(() => String, {
    description: 'The patient id of the institutions’ systems; the ledger gets only a keyed hash of it.',
  })
  identifier!: string;

  @Field(() => fhirResourceScalar, {
    nullable: true,
    description:
      'What is known of the person, as a FHIR R4 Patient: it becomes a sealed entry of their own, which they may open to others.',
  })
  demographics?: FhirResource;

  @Field(() => FirstDelegateInput, {
    nullable: true,
    description:
      'Who reads everything and acts in the patient’s name, until it is revoked; nobody, if absent.',
  })
  delegate?: FirstDelegateInput;
}

@InputType({ description: 'A registration to end.' })
export class DeactivatePatientInput extends MutationInput {
  @Field(() => ID, {
    nullable: true,
    description: 'Chain address; for an operator of the organisation that enrols patients. Absent: yourself.',
  })
  patient?: string;
}

@InputType({ description: 'An institution to register.' })
export class RegisterInstitutionInput extends MutationInput {
  @Field(() => ID, { description: 'Id it will have: letters, digits, . _ : -' })
  id!: string;

  @Field(() => String, { description: 'Name.' })
  name!: string;

  @Field(() => institutionKindEnum, { description: 'What it does.' })
  kind!: care.Institution['kind'];
}

@InputType({ description: 'An institution whose encryption key another is to follow.' })
export class RotateInstitutionKeyInput extends MutationInput {
  @Field(() => ID, { description: 'Id in the consortium.' })
  institution!: string;
}

@InputType({ description: 'A practitioner to register.' })
export class RegisterPractitionerInput extends MutationInput {
  @Field(() => ID, { description: 'Id they will have: letters, digits, . _ : -' })
  id!: string;

  @Field(() => ID, { description: 'Institution they work for.' })
  institution!: string;

  @Field(() => String, { description: 'Name.' })
  name!: string;
}

@ObjectType({ description: 'A patient’s registration has changed.' })
export class PatientPayload extends MutationPayload {
  @Field(() => Patient, { description: 'The patient.' })
  patient!: Patient;
}

@ObjectType({ description: 'A patient’s registration was made, got other keys, or ended.' })
export class PatientChanged extends EventPayload {
  @Field(() => Patient, { description: 'The patient as the event has them.' })
  patient!: Patient;
}

@ObjectType({ description: 'A patient has been registered.' })
export class RegisterPatientPayload extends MutationPayload {
  @Field(() => Patient, { description: 'The patient.' })
  patient!: Patient;
}

@ObjectType({ description: 'An institution has been registered.' })
export class RegisterInstitutionPayload extends MutationPayload {
  @Field(() => Institution, { description: 'The institution.' })
  institution!: Institution;
}

@ObjectType({ description: 'Another encryption key has followed that of an institution.' })
export class RotateInstitutionKeyPayload extends MutationPayload {
  @Field(() => Institution, { description: 'The institution.' })
  institution!: Institution;
}

@ObjectType({ description: 'A practitioner has been registered.' })
export class RegisterPractitionerPayload extends MutationPayload {
  @Field(() => Practitioner, { description: 'The practitioner.' })
  practitioner!: Practitioner;
}
