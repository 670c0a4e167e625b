/** The graph's types of this subgraph. */
import {
  connectionOf,
  consentActionEnum,
  consentActorKindEnum,
  consentDecisionEnum,
  consentStatusEnum,
  DayPeriodInput,
  DayPeriodType,
  delegatedActEnum,
  entryCategoryEnum,
  EventPayload,
  InstantPeriodInput,
  InstantPeriodType,
  MutationInput,
  MutationPayload,
  personalRelationshipEnum,
  purposeOfUseEnum,
  resourceTypeEnum,
  TransactionType,
} from '@medigraph/platform/graph';
import { type TransactionReference } from '@medigraph/platform/ledger';
import {
  type care,
  type ConsentAction,
  type ConsentActorKind,
  type DelegatedAct,
  type PersonalRelationship,
  type PurposeOfUse,
} from '@medigraph/schema';
import { dateTimeScalar } from '@medigraph/schema/scalars';
import { Directive, Field, ID, InputType, ObjectType } from 'type-graphql';

@ObjectType('Patient')
@Directive('@key(fields: "id")')
export class Patient {
  @Field(() => ID, { description: 'Chain address.' })
  id!: string;
}

@ObjectType('Institution')
@Directive('@key(fields: "id")')
export class Institution {
  @Field(() => ID, { description: 'Id in the consortium.' })
  id!: string;
}

@ObjectType('Entry')
@Directive('@key(fields: "id")')
export class Entry {
  @Field(() => ID, { description: 'Id of the entry.' })
  id!: string;
}

@ObjectType('ConsentActor', { description: 'FHIR R5 Consent.provision.actor: who of an institution.' })
export class ConsentActor implements care.ConsentActor {
  @Field(() => consentActorKindEnum, { description: 'Someone who works there, or a program.' })
  kind!: ConsentActorKind;

  @Field(() => ID, { description: 'Id of the practitioner or program.' })
  id!: string;
}

@InputType('ConsentActorInput', { description: 'FHIR R5 Consent.provision.actor: who of an institution.' })
export class ConsentActorInput implements care.ConsentActor {
  @Field(() => consentActorKindEnum, { description: 'Someone who works there, or a program.' })
  kind!: ConsentActorKind;

  @Field(() => ID, { description: 'Id of the practitioner or program.' })
  id!: string;
}

@ObjectType('Delegation', { description: 'What a person may do in a patient’s name, and as whom.' })
export class Delegation implements care.Delegation {
  @Field(() => personalRelationshipEnum, { description: 'As whom.' })
  relationship!: PersonalRelationship;

  @Field(() => [delegatedActEnum], { description: 'What.' })
  acts!: DelegatedAct[];
}

/** FHIR R5 Consent.provision. */
@ObjectType('ConsentProvision', {
  description: 'FHIR R5 Consent.provision: what is opened, for what, how far back.',
})
export class ConsentProvision implements care.Provision {
  @Field(() => [purposeOfUseEnum], { description: 'For what.' })
  purpose!: PurposeOfUse[];

  @Field(() => consentActionEnum, { nullable: true, description: 'Null means ACCESS.' })
  action?: ConsentAction;

  @Field(() => ConsentActor, {
    nullable: true,
    description: 'Who of the grantee alone; null means whoever it lets.',
  })
  actor?: ConsentActor;

  @Field(() => [resourceTypeEnum], { nullable: true, description: 'FHIR R4 types opened; null means all.' })
  resourceType?: care.Entry['resourceType'][];

  @Field(() => [entryCategoryEnum], { nullable: true, description: 'Categories opened; null means all.' })
  category?: care.Entry['category'][];

  @Field(() => [ID], {
    nullable: true,
    description: 'Single entries opened; null means whatever the rest covers.',
  })
  data?: string[];

  @Field(() => DayPeriodType, { nullable: true, description: 'Entry dates opened.' })
  dataPeriod?: DayPeriodType;
}

@InputType('ConsentProvisionInput', {
  description: 'FHIR R5 Consent.provision: what is opened, for what, how far back.',
})
export class ConsentProvisionInput implements care.Provision {
  @Field(() => [purposeOfUseEnum], { description: 'For what.' })
  purpose!: PurposeOfUse[];

  @Field(() => consentActionEnum, { nullable: true, description: 'Absent means ACCESS.' })
  action?: ConsentAction;

  @Field(() => ConsentActorInput, {
    nullable: true,
    description: 'Who of the grantee alone; absent means whoever it lets.',
  })
  actor?: ConsentActorInput;

  @Field(() => [resourceTypeEnum], {
    nullable: true,
    description: 'FHIR R4 types to open; absent means all. What must be of a category too is both.',
  })
  resourceType?: care.Entry['resourceType'][];

  @Field(() => [entryCategoryEnum], { nullable: true, description: 'Categories to open; absent means all.' })
  category?: care.Entry['category'][];

  @Field(() => [ID], {
    nullable: true,
    description: 'Single entries to open, at most 250; absent means whatever the rest covers.',
  })
  data?: string[];

  @Field(() => DayPeriodInput, { nullable: true, description: 'Entry dates to open.' })
  dataPeriod?: DayPeriodInput;
}

/** FHIR R5 Consent: from the request of an institution to the patient's answer and its end. */
@ObjectType('Consent', {
  description: 'FHIR R5 Consent: from the request of an institution to the patient’s answer and its end.',
})
@Directive('@key(fields: "id")')
export class Consent {
  @Field(() => ID, { description: 'Id of the consent.' })
  id!: string;

  @Field(() => consentStatusEnum, {
    description: 'DRAFT requested, ACTIVE decided, INACTIVE revoked, NOT_DONE denied.',
  })
  status!: care.Consent['status'];

  @Field(() => consentDecisionEnum, {
    description: 'PERMIT; DENY for one that was denied, or that refuses for good.',
  })
  decision!: care.Consent['decision'];

  @Field(() => Patient, { description: 'FHIR Consent.subject and grantor.' })
  patient!: Patient;

  @Field(() => Institution, {
    nullable: true,
    description: 'FHIR Consent.grantee; null if it is granted to a person.',
  })
  grantee?: Institution;

  @Field(() => Patient, { nullable: true, description: 'The person whom it is granted to.' })
  granteePerson?: Patient;

  @Field(() => String, {
    nullable: true,
    description:
      'FHIR Consent.grantor, if it was not the patient: the address of whoever decided in their name, or an organisation.',
  })
  grantor?: string;

  @Field(() => Delegation, { nullable: true, description: 'What the person may do in the patient’s name.' })
  delegation?: Delegation;

  @Field(() => ID, {
    nullable: true,
    description:
      'Of one that was made by breaking the glass: the consent under which its keys are disclosed.',
  })
  basis?: string;

  @Field(() => InstantPeriodType, { description: 'When it may be used.' })
  period!: InstantPeriodType;

  @Field(() => ConsentProvision, { description: 'What it opens.' })
  provision!: ConsentProvision;

  @Field(() => String, { nullable: true, description: 'Reason of the last who said one.' })
  reason?: string;

  @Field(() => dateTimeScalar, { nullable: true, description: 'When access was requested.' })
  requestedAt?: string;

  @Field(() => dateTimeScalar, { nullable: true, description: 'When the patient last decided.' })
  decidedAt?: string;

  @Field(() => TransactionType, { description: 'The transaction that last changed it.' })
  transaction!: TransactionReference;
}

@ObjectType('OpenedEntry', { description: 'An entry that was opened.' })
export class OpenedEntry {
  @Field(() => Entry, { nullable: true, description: 'The entry.' })
  entry?: Entry;

  @Field(() => Consent, {
    nullable: true,
    description: 'The consent that allowed it; null for patient and holder.',
  })
  consent?: Consent;

  /** Id of the consent, for the loader. */
  consentId?: string;
}

/** FHIR AuditEvent, as the ledger keeps it. */
@ObjectType('Opening', {
  description: 'Who opened which entries, when and for what (compare FHIR AuditEvent).',
})
@Directive('@key(fields: "id")')
export class Opening {
  @Field(() => ID, { description: 'Transaction that opened them.' })
  id!: string;

  @Field(() => Patient, { description: 'Whose entries.' })
  patient!: Patient;

  @Field(() => Institution, { nullable: true, description: 'Who opened them; null if a person did.' })
  institution?: Institution;

  @Field(() => ConsentActor, {
    nullable: true,
    description: 'Who of the institution, if the certificate said.',
  })
  by?: ConsentActor;

  @Field(() => Patient, {
    nullable: true,
    description: 'The person who opened them; null if the patient did.',
  })
  person?: Patient;

  @Field(() => String, { description: 'Organisation of the key that signed (MSP id).' })
  organization!: string;

  @Field(() => String, { description: 'Chain address of the key that signed.' })
  signer!: string;

  @Field(() => purposeOfUseEnum, { description: 'For what.' })
  purpose!: PurposeOfUse;

  @Field(() => [OpenedEntry], { description: 'What was opened.' })
  entries!: OpenedEntry[];

  @Field(() => dateTimeScalar, { description: 'When.' })
  openedAt!: string;

  @Field(() => TransactionType, { description: 'The transaction, and where it stands.' })
  transaction!: TransactionReference;
}

export const ConsentConnection = connectionOf(Consent, 'Consent');
export const OpeningConnection = connectionOf(Opening, 'Opening');

@InputType({ description: 'Access that your institution asks a patient for.' })
export class RequestAccessInput extends MutationInput {
  @Field(() => ID, { description: 'Whom you ask: chain address.' })
  patient!: string;

  @Field(() => InstantPeriodInput, {
    nullable: true,
    description: 'When you may use it; absent: from the grant on, without end.',
  })
  period?: InstantPeriodInput;

  @Field(() => ConsentProvisionInput, { description: 'What you ask for.' })
  provision!: ConsentProvisionInput;

  @Field(() => String, {
    nullable: true,
    description: 'Why, for the patient to read; at most 500 characters.',
  })
  reason?: string;
}

@InputType({ description: 'Less than what was asked.' })
export class NarrowedInput {
  @Field(() => InstantPeriodInput, { nullable: true, description: 'A shorter period.' })
  period?: InstantPeriodInput;

  @Field(() => ConsentProvisionInput, { nullable: true, description: 'A narrower provision.' })
  provision?: ConsentProvisionInput;
}

/** What a delegate may say. */
@InputType()
abstract class DecisionInput extends MutationInput {
  @Field(() => ID, {
    nullable: true,
    description: 'In whose name you decide, if they let you; absent: your own.',
  })
  onBehalfOf?: string;
}

@InputType({ description: 'Whom you let read, or refuse, and what.' })
export class OfferAccessInput extends DecisionInput {
  @Field(() => ID, { description: 'Institution, or chain address of a person.' })
  grantee!: string;

  @Field(() => InstantPeriodInput, { nullable: true, description: 'When; absent: from now on, without end.' })
  period?: InstantPeriodInput;

  @Field(() => ConsentProvisionInput, { description: 'What.' })
  provision!: ConsentProvisionInput;

  @Field(() => String, { nullable: true, description: 'Why; at most 500 characters.' })
  reason?: string;
}

@InputType({ description: 'A person who reads and acts in your name.' })
export class DelegateAccessInput extends MutationInput {
  @Field(() => ID, { description: 'Chain address of the person.' })
  person!: string;

  @Field(() => personalRelationshipEnum, { description: 'As whom.' })
  relationship!: PersonalRelationship;

  @Field(() => [delegatedActEnum], { description: 'What they may do.' })
  acts!: DelegatedAct[];

  @Field(() => InstantPeriodInput, { nullable: true, description: 'When; absent: from now on, without end.' })
  period?: InstantPeriodInput;

  @Field(() => ConsentProvisionInput, {
    nullable: true,
    description: 'What they read, for PATRQT; absent: everything.',
  })
  provision?: ConsentProvisionInput;

  @Field(() => String, { nullable: true, description: 'Why; at most 500 characters.' })
  reason?: string;
}

@InputType({
  description: 'A person who reads and acts in the name of a patient that your organisation enrolled.',
})
export class AppointDelegateInput extends DelegateAccessInput {
  @Field(() => ID, { description: 'Chain address of the patient.' })
  patient!: string;
}

@InputType({ description: 'A request that you grant.' })
export class GrantAccessInput extends DecisionInput {
  @Field(() => ID, { description: 'The consent.' })
  consent!: string;

  @Field(() => NarrowedInput, { nullable: true, description: 'Grant less than was asked.' })
  narrowed?: NarrowedInput;
}

@InputType({ description: 'A consent that you end.' })
export class EndConsentInput extends DecisionInput {
  @Field(() => ID, { description: 'The consent.' })
  consent!: string;

  @Field(() => String, { nullable: true, description: 'Why; at most 500 characters.' })
  reason?: string;
}

@ObjectType({ description: 'A consent has been requested, granted, denied or revoked.' })
export class ConsentPayload extends MutationPayload {
  @Field(() => Consent, { description: 'The consent.' })
  consent!: Consent;
}

@ObjectType({ description: 'A consent that you may see has changed.' })
export class ConsentChanged extends EventPayload {
  @Field(() => Consent, { description: 'The consent as the event has it.' })
  consent!: Consent;
}
