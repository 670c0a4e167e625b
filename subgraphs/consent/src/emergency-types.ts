/** The graph's types of access in an emergency. */
import {
  connectionOf,
  emergencyOutcomeEnum,
  EventPayload,
  MutationInput,
  MutationPayload,
  purposeOfUseEnum,
  TransactionType,
} from '@medigraph/platform/graph';
import { type TransactionReference } from '@medigraph/platform/ledger';
import { type care, type EmergencyOutcome, type PurposeOfUse } from '@medigraph/schema';
import { dateTimeScalar } from '@medigraph/schema/scalars';
import { Directive, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { Consent, ConsentActor, Institution, Patient } from './types.js';

@ObjectType('EmergencyReview', { description: 'What someone else found who looked at an emergency access.' })
export class EmergencyReview {
  @Field(() => emergencyOutcomeEnum, { description: 'Whether it was right.' })
  outcome!: EmergencyOutcome;

  @Field(() => String, { description: 'Why.' })
  comment!: string;

  @Field(() => Institution, { description: 'Who reviewed it.' })
  institution!: Institution;

  @Field(() => dateTimeScalar, { description: 'When it was reviewed.' })
  reviewedAt!: string;

  @Field(() => String, { description: 'Organisation of the key that signed (MSP id).' })
  organization!: string;

  @Field(() => ConsentActor, { nullable: true, description: 'Who of it, if the certificate said.' })
  by?: ConsentActor;
}

/** Access that a hospital took in an emergency. */
@ObjectType('EmergencyAccess', {
  description:
    'Access that a hospital took in an emergency: for some hours, told to the patient, to be reviewed.',
})
@Directive('@key(fields: "id")')
export class EmergencyAccess {
  @Field(() => ID, { description: 'Id, which is that of the consent that it made.' })
  id!: string;

  @Field(() => Patient, { description: 'Whose entries.' })
  patient!: Patient;

  @Field(() => Institution, { description: 'Who broke the glass.' })
  institution!: Institution;

  @Field(() => ConsentActor, {
    nullable: true,
    description: 'Who of the institution, if the certificate said.',
  })
  by?: ConsentActor;

  @Field(() => Institution, { description: 'Who discloses the keys that the patient let it keep.' })
  custodian!: Institution;

  @Field(() => purposeOfUseEnum, { description: 'BTG or ETREAT.' })
  purpose!: PurposeOfUse;

  @Field(() => String, { description: 'Why, as the institution said.' })
  reason!: string;

  @Field(() => dateTimeScalar, { description: 'When the glass was broken.' })
  grantedAt!: string;

  @Field(() => dateTimeScalar, { description: 'When it closes by itself.' })
  expiresAt!: string;

  @Field(() => dateTimeScalar, { description: 'By when someone else should have reviewed it.' })
  reviewDueAt!: string;

  @Field(() => Int, { description: 'Entries whose keys the custodian has disclosed so far.' })
  disclosed!: number;

  @Field(() => Consent, {
    nullable: true,
    description: 'The consent by which it reads; revoking it ends it.',
  })
  consent?: Consent;

  @Field(() => EmergencyReview, { nullable: true, description: 'Null until someone has reviewed it.' })
  review?: EmergencyReview;

  @Field(() => TransactionType, { description: 'The transaction that last changed it.' })
  transaction!: TransactionReference;
}

export const EmergencyAccessConnection = connectionOf(EmergencyAccess, 'EmergencyAccess');

@InputType({ description: 'Access that your hospital takes in an emergency.' })
export class BreakGlassInput extends MutationInput {
  @Field(() => ID, { description: 'Whose entries: chain address.' })
  patient!: string;

  @Field(() => purposeOfUseEnum, { description: 'BTG or ETREAT.' })
  purpose!: PurposeOfUse;

  @Field(() => String, {
    description: 'Why, for the patient and the reviewer to read; 10 to 500 characters.',
  })
  reason!: string;

  @Field(() => Int, {
    nullable: true,
    description:
      'For how many minutes, as far as `emergencyPolicy` lets; absent: 60, or less if it lets less.',
  })
  minutes?: number;
}

/** How the consortium lets the glass be broken. */
@ObjectType('EmergencyPolicy', { description: 'How the consortium lets the glass be broken.' })
export class EmergencyPolicy implements Pick<care.EmergencyPolicy, 'maxMinutes' | 'reviewHours' | 'setAt'> {
  @Field(() => Int, { description: 'Longest time for which it stays broken, in minutes.' })
  maxMinutes!: number;

  @Field(() => Int, { description: 'Within how many hours it is to be reviewed.' })
  reviewHours!: number;

  @Field(() => Institution, { nullable: true, description: 'Who set it; null until somebody has.' })
  setBy?: Institution;

  @Field(() => dateTimeScalar, { nullable: true, description: 'When it was set.' })
  setAt?: string;
}

@InputType({ description: 'How the glass may be broken from now on.' })
export class SetEmergencyPolicyInput extends MutationInput {
  @Field(() => Int, { description: 'Longest time for which it stays broken: 1 to 1,440 minutes.' })
  maxMinutes!: number;

  @Field(() => Int, { description: 'Within how many hours it is to be reviewed: 1 to 720.' })
  reviewHours!: number;
}

@ObjectType({ description: 'The policy has been set.' })
export class EmergencyPolicyPayload extends MutationPayload {
  @Field(() => EmergencyPolicy, { description: 'What holds now.' })
  emergencyPolicy!: EmergencyPolicy;
}

@InputType({ description: 'What you found of an emergency access.' })
export class ReviewEmergencyAccessInput extends MutationInput {
  @Field(() => ID, { description: 'The emergency access.' })
  emergencyAccess!: string;

  @Field(() => emergencyOutcomeEnum, { description: 'Whether it was right.' })
  outcome!: EmergencyOutcome;

  @Field(() => String, { description: 'Why, at most 500 characters.' })
  comment!: string;
}

@ObjectType({ description: 'The glass has been broken, or that has been reviewed.' })
export class EmergencyAccessPayload extends MutationPayload {
  @Field(() => EmergencyAccess, { description: 'The emergency access.' })
  emergencyAccess!: EmergencyAccess;
}

@ObjectType({ description: 'An emergency access that you may see has changed.' })
export class EmergencyAccessChanged extends EventPayload {
  @Field(() => EmergencyAccess, { nullable: true, description: 'The emergency access.' })
  emergencyAccess?: EmergencyAccess;
}
