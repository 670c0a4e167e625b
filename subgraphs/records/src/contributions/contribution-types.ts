/** The graph's types of devices and programs that write where patients let them. */
import {
  contributorKindEnum,
  entryCategoryEnum,
  InstantPeriodInput,
  InstantPeriodType,
  MutationInput,
  MutationPayload,
} from '@medigraph/platform/graph';
import { type care } from '@medigraph/schema';
import { dateTimeScalar, type FhirResource, fhirResourceScalar } from '@medigraph/schema/scalars';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { Institution } from '../types.js';

@ObjectType({ description: 'A device or program that you let write about you, or did.' })
export class Contributor {
  @Field(() => Institution, { description: 'Who runs it.' })
  institution!: Institution;

  @Field(() => ID, { description: 'Its OAuth client.' })
  application!: string;

  @Field(() => contributorKindEnum, { description: 'What it is.' })
  kind!: care.Contributor['kind'];

  @Field(() => [entryCategoryEnum], {
    nullable: true,
    description: 'Categories that it may write; null means all, of a device observations alone.',
  })
  category?: care.Entry['category'][];

  @Field(() => [String], { nullable: true, description: 'FHIR types that it may write; null means any.' })
  resourceType?: string[];

  @Field(() => InstantPeriodType, { description: 'When it may write.' })
  period!: InstantPeriodType;

  @Field(() => Boolean, { description: 'Whether it holds.' })
  active!: boolean;

  @Field(() => dateTimeScalar, { description: 'When it was last changed.' })
  changedAt!: string;
}

@InputType({ description: 'A device or program that may write about you, or no longer may.' })
export class AuthorizeContributorInput extends MutationInput {
  @Field(() => ID, { description: 'Institution that runs it.' })
  institution!: string;

  @Field(() => ID, { description: 'Its OAuth client.' })
  application!: string;

  @Field(() => contributorKindEnum, { description: 'What it is. A DEVICE brings Observations alone.' })
  kind!: care.Contributor['kind'];

  @Field(() => [entryCategoryEnum], {
    nullable: true,
    description: 'Categories that it may write; by default all, of a device observations alone.',
  })
  category?: care.Entry['category'][];

  @Field(() => [String], { nullable: true, description: 'FHIR types that it may write; by default any.' })
  resourceType?: string[];

  @Field(() => InstantPeriodInput, { nullable: true, description: 'When it may write; by default always.' })
  period?: InstantPeriodInput;

  @Field(() => Boolean, { defaultValue: true, description: 'False takes it back.' })
  active: boolean = true;
}

@ObjectType({ description: 'A device or program may write, or no longer may.' })
export class AuthorizeContributorPayload extends MutationPayload {
  @Field(() => Contributor, { description: 'What holds now.' })
  contributor!: Contributor;
}

@InputType({ description: 'A batch of what a device measured, or a program has, about one patient.' })
export class ContributeEntriesInput {
  @Field(() => ID, { description: 'Whom it is about: chain address.' })
  patient!: string;

  @Field(() => [fhirResourceScalar], { description: 'FHIR R4 resources, at most 250 and 8 MB together.' })
  resources!: FhirResource[];

  @Field(() => ID, { description: 'Names the batch. The same batch under the same key is stored once.' })
  idempotencyKey!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The system that they come from, by a name that says nothing of the patient.',
  })
  source?: string;
}

@ObjectType({ description: 'A batch was taken.' })
export class ContributeEntriesPayload {
  @Field(() => Boolean, { description: 'False if it had been taken before, and nothing was stored now.' })
  stored!: boolean;

  @Field(() => [ID], { description: 'Ids of the entries, in the order given.' })
  entries!: string[];

  @Field(() => dateTimeScalar, { description: 'When the batch was taken.' })
  contributedAt!: string;
}
