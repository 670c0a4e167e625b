/** The graph's types of this subgraph. */
import {
  adjudicationCategoryEnum,
  claimOutcomeEnum,
  claimStateEnum,
  claimUseEnum,
  connectionOf,
  DayPeriodInput,
  DayPeriodType,
  EventPayload,
  MoneyInput,
  MoneyType,
  MutationInput,
  MutationPayload,
  TransactionType,
} from '@medigraph/platform/graph';
import { type TransactionReference } from '@medigraph/platform/ledger';
import { type AdjudicationCategory, type claims } from '@medigraph/schema';
import { dateScalar, dateTimeScalar, type FhirResource, fhirResourceScalar } from '@medigraph/schema/scalars';
import { Directive, Field, ID, InputType, Int, ObjectType } from 'type-graphql';

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

/** FHIR R4 Coverage. */
@ObjectType('Coverage', { description: 'FHIR R4 Coverage: that an insurer covers a patient, and when.' })
@Directive('@key(fields: "id")')
export class Coverage {
  @Field(() => ID, { description: 'Id in the graph.' })
  id!: string;

  @Field(() => String, { description: 'The insurer’s own id of the policy.' })
  identifier!: string;

  @Field(() => Boolean, { description: 'Whether it stands; FHIR Coverage.status.' })
  active!: boolean;

  @Field(() => Patient, { description: 'Whom it covers.' })
  beneficiary!: Patient;

  @Field(() => Institution, { description: 'Who covers; FHIR Coverage.payor.' })
  insurer!: Institution;

  @Field(() => DayPeriodType, { description: 'When it covers.' })
  period!: DayPeriodType;

  @Field(() => String, { description: 'Currency of claims against it, ISO 4217.' })
  currency!: string;

  @Field(() => dateTimeScalar, { description: 'When it was registered.' })
  registeredAt!: string;

  @Field(() => TransactionType, { description: 'The transaction that registered it.' })
  transaction!: TransactionReference;
}

@ObjectType('Eligibility', {
  description: 'FHIR R4 CoverageEligibilityResponse, as far as it is decided here.',
})
export class Eligibility {
  @Field(() => ID, { description: 'Id of the coverage asked about.' })
  coverage!: string;

  @Field(() => Boolean, { description: 'Whether the coverage is in force on the day.' })
  inforce!: boolean;

  @Field(() => String, { description: 'The same in words.' })
  disposition!: string;
}

@ObjectType('Coding', { description: 'FHIR R4 Coding.' })
@Directive('@shareable')
export class Coding {
  @Field(() => String, { nullable: true, description: 'Code system (URI).' })
  system?: string;

  @Field(() => String, { nullable: true, description: 'Code.' })
  code?: string;

  @Field(() => String, { nullable: true, description: 'What the code means.' })
  display?: string;
}

@ObjectType('CodeableConcept', { description: 'FHIR R4 CodeableConcept.' })
@Directive('@shareable')
export class CodeableConcept {
  @Field(() => [Coding], { description: 'The concept in code systems.' })
  coding!: Coding[];

  @Field(() => String, { nullable: true, description: 'The concept in words.' })
  text?: string;
}

@ObjectType('Adjudication', { description: 'FHIR R4 ClaimResponse.item.adjudication.' })
export class Adjudication {
  @Field(() => adjudicationCategoryEnum, { description: 'What the amount is.' })
  category!: AdjudicationCategory;

  @Field(() => String, { nullable: true, description: 'Why.' })
  reason?: string;

  @Field(() => MoneyType, { description: 'How much.' })
  amount!: MoneyType;
}

@ObjectType('ClaimItem', { description: 'A line of a claim.' })
export class ClaimItem {
  @Field(() => Int, { description: 'Number of the line.' })
  sequence!: number;

  @Field(() => dateScalar, { description: 'Day of the service.' })
  servicedDate!: string;

  @Field(() => Int, { description: 'How many.' })
  quantity!: number;

  @Field(() => MoneyType, { description: 'Price of one.' })
  unitPrice!: MoneyType;

  @Field(() => MoneyType, { description: 'Price of the line.' })
  net!: MoneyType;

  @Field(() => String, {
    nullable: true,
    description:
      '`claim/sequence` of an earlier line that this one repeats; such a line is for a person to decide.',
  })
  duplicateOf?: string;

  @Field(() => [Adjudication], { description: 'What the insurer decided; empty until it has.' })
  adjudication!: Adjudication[];

  /** Graph id of the claim, for the loader. */
  claimId!: string;
}

@ObjectType('Payment', { description: 'FHIR R4 ClaimResponse.payment.' })
export class Payment {
  @Field(() => dateScalar, { description: 'Day of the payment.' })
  date!: string;

  @Field(() => MoneyType, { description: 'How much.' })
  amount!: MoneyType;

  @Field(() => String, { description: 'The insurer’s id of the payment.' })
  identifier!: string;
}

/** FHIR R4 Claim together with its ClaimResponse. */
@ObjectType('Claim', {
  description: 'FHIR R4 Claim and ClaimResponse in one. Only patient, provider and insurer see it.',
})
@Directive('@key(fields: "id")')
export class Claim {
  @Field(() => ID, { description: 'Id in the graph.' })
  id!: string;

  @Field(() => String, { description: 'Id on the insurer’s channel.' })
  identifier!: string;

  @Field(() => claimUseEnum, { description: 'FHIR Claim.use.' })
  use!: claims.Claim['use'];

  @Field(() => claimStateEnum, { description: 'Where it stands, in openIMIS’s states.' })
  state!: claims.Claim['state'];

  @Field(() => claimOutcomeEnum, { description: 'FHIR ClaimResponse.outcome.' })
  outcome!: claims.Claim['outcome'];

  @Field(() => Patient, { description: 'Who was treated.' })
  patient!: Patient;

  @Field(() => Institution, { description: 'Who claims.' })
  provider!: Institution;

  @Field(() => Institution, { description: 'Who decides and pays.' })
  insurer!: Institution;

  @Field(() => [ClaimItem], { description: 'The lines.' })
  items!: ClaimItem[];

  @Field(() => MoneyType, { description: 'What is claimed.' })
  total!: MoneyType;

  @Field(() => MoneyType, {
    nullable: true,
    description: 'What the insurer pays; null until every line is adjudicated.',
  })
  benefit?: MoneyType;

  @Field(() => String, { nullable: true, description: 'FHIR ClaimResponse.disposition.' })
  disposition?: string;

  @Field(() => Payment, { nullable: true, description: 'The payment, once it is paid.' })
  payment?: Payment;

  @Field(() => String, { description: 'SHA-256 of the sealed FHIR Claim, in hex.' })
  sha256!: string;

  @Field(() => dateTimeScalar, { description: 'When it was submitted.' })
  createdAt!: string;

  @Field(() => dateTimeScalar, { description: 'When it last changed.' })
  changedAt!: string;

  @Field(() => TransactionType, { description: 'The transaction that last changed it.' })
  transaction!: TransactionReference;

  /** Graph id of the coverage, for the loader. */
  coverageId!: string;
}

export const ClaimConnection = connectionOf(Claim, 'Claim');
export const CoverageConnection = connectionOf(Coverage, 'Coverage');

@InputType({ description: 'A policy of your insurance.' })
export class RegisterCoverageInput extends MutationInput {
  @Field(() => ID, { nullable: true, description: 'Your id of the policy; absent: one is made.' })
  identifier?: string;

  @Field(() => ID, { description: 'Patient it covers.' })
  beneficiary!: string;

  @Field(() => DayPeriodInput, { nullable: true, description: 'When it covers; absent: always.' })
  period?: DayPeriodInput;

  @Field(() => String, { description: 'Currency of claims against it, ISO 4217.' })
  currency!: string;
}

@InputType({ description: 'A claim of your institution.' })
export class SubmitClaimInput extends MutationInput {
  @Field(() => ID, { description: 'Coverage it is against.' })
  coverage!: string;

  @Field(() => fhirResourceScalar, {
    description:
      'FHIR R4 Claim. The ledger gets its numbers; the rest is sealed for patient, provider and insurer.',
  })
  resource!: FhirResource;
}

@InputType({ description: 'FHIR R4 ClaimResponse.item.adjudication.' })
export class AdjudicationInput {
  @Field(() => adjudicationCategoryEnum, { description: 'What the amount is.' })
  category!: AdjudicationCategory;

  @Field(() => String, { nullable: true, description: 'Why.' })
  reason?: string;

  @Field(() => MoneyInput, { description: 'How much.' })
  amount!: MoneyInput;
}

@InputType({ description: 'What you decide of a line.' })
export class AdjudicatedItemInput {
  @Field(() => Int, { description: 'Number of the line.' })
  sequence!: number;

  @Field(() => [AdjudicationInput], { description: 'What you decide, 1 to 10.' })
  adjudication!: AdjudicationInput[];
}

@InputType({ description: 'What you decide of a claim: some lines or all, each once.' })
export class AdjudicateClaimInput extends MutationInput {
  @Field(() => ID, { description: 'The claim.' })
  claim!: string;

  @Field(() => [AdjudicatedItemInput], { description: 'The lines.' })
  items!: AdjudicatedItemInput[];

  @Field(() => String, {
    nullable: true,
    description: 'FHIR ClaimResponse.disposition, at most 500 characters.',
  })
  disposition?: string;
}

@InputType({ description: 'A claim that you pay.' })
export class PayClaimInput extends MutationInput {
  @Field(() => ID, { description: 'The claim; every line is adjudicated.' })
  claim!: string;

  @Field(() => dateScalar, { description: 'Day of the payment.' })
  date!: string;

  @Field(() => ID, { description: 'Your id of the payment.' })
  identifier!: string;
}

@InputType({ description: 'A claim that you take back.' })
export class CancelClaimInput extends MutationInput {
  @Field(() => ID, { description: 'The claim; nothing of it is adjudicated.' })
  claim!: string;

  @Field(() => String, { description: 'Why, at most 500 characters.' })
  reason!: string;
}

@ObjectType({ description: 'A policy has been registered.' })
export class CoveragePayload extends MutationPayload {
  @Field(() => Coverage, { description: 'The coverage.' })
  coverage!: Coverage;
}

@ObjectType({ description: 'A claim has been submitted or changed.' })
export class ClaimPayload extends MutationPayload {
  @Field(() => Claim, { description: 'The claim.' })
  claim!: Claim;
}

@ObjectType({ description: 'A claim that you are a party to has changed.' })
export class ClaimChanged extends EventPayload {
  @Field(() => Claim, { description: 'The claim as the event has it.' })
  claim!: Claim;
}
