/** The graph's types of imports that patients asked for. */
import {
  connectionOf,
  DayPeriodInput,
  DayPeriodType,
  entryCategoryEnum,
  EventPayload,
  MutationInput,
  MutationPayload,
  TransactionType,
} from '@medigraph/platform/graph';
import { type TransactionReference } from '@medigraph/platform/ledger';
import { type care } from '@medigraph/schema';
import { dateTimeScalar } from '@medigraph/schema/scalars';
import { Directive, Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { Institution, Patient } from '../types.js';

export const importStatusEnum = {
  REQUESTED: 'requested',
  OFFERED: 'offered',
  PICKED: 'picked',
  DECLINED: 'declined',
} as const;
registerEnumType(importStatusEnum, {
  name: 'ImportStatus',
  description:
    'REQUESTED by the patient; OFFERED, since the institution has shown entries; PICKED from by the patient; DECLINED by either.',
});

/** A patient's request to an institution for their history, and what came of it. */
@ObjectType('Import', {
  description: 'A patient’s request to an institution for their history, and what came of it.',
})
@Directive('@key(fields: "id")')
export class Import {
  @Field(() => ID, { description: 'Id of the import.' })
  id!: string;

  @Field(() => Patient, { description: 'Who asks.' })
  patient!: Patient;

  @Field(() => Institution, { description: 'Who is asked.' })
  institution!: Institution;

  @Field(() => importStatusEnum, { description: 'How far it has come.' })
  status!: care.HistoryImport['status'];

  @Field(() => [entryCategoryEnum], {
    nullable: true,
    description: 'Categories asked for; null means all.',
  })
  category?: care.Entry['category'][];

  @Field(() => DayPeriodType, { nullable: true, description: 'Entry dates asked for.' })
  dataPeriod?: DayPeriodType;

  @Field(() => String, { nullable: true, description: 'Why, by whoever said a reason last.' })
  reason?: string;

  @Field(() => dateTimeScalar, { description: 'When it was asked for.' })
  requestedAt!: string;

  @Field(() => dateTimeScalar, { description: 'When it last changed.' })
  changedAt!: string;

  @Field(() => TransactionType, { description: 'The transaction that last changed it.' })
  transaction!: TransactionReference;

  /** Ids on the ledger. */
  offeredIds!: readonly string[];
  /** Ids on the ledger. */
  pickedIds!: readonly string[];
}

export const ImportConnection = connectionOf(Import, 'Import');

@InputType({ description: 'Your history, as an institution has it.' })
export class RequestImportInput extends MutationInput {
  @Field(() => ID, { description: 'Who is asked: an institution that you let store records.' })
  institution!: string;

  @Field(() => [entryCategoryEnum], {
    nullable: true,
    description: 'Only of these categories; by default all.',
  })
  category?: care.Entry['category'][];

  @Field(() => DayPeriodInput, { nullable: true, description: 'Only of these days; by default all.' })
  dataPeriod?: DayPeriodInput;

  @Field(() => String, { nullable: true, description: 'Why, at most 500 characters.' })
  reason?: string;
}

@InputType({ description: 'Entries that your institution shows a patient who asked for them.' })
export class OfferImportInput extends MutationInput {
  @Field(() => ID, { description: 'The import.' })
  import!: string;

  @Field(() => [ID], {
    description: 'PRELIMINARY entries that your institution holds, at most 250 a call and 1000 together.',
  })
  entries!: string[];
}

@InputType({ description: 'What you take of what was offered.' })
export class PickEntriesInput extends MutationInput {
  @Field(() => ID, { description: 'The import.' })
  import!: string;

  @Field(() => [ID], { description: 'Entries that were offered, at most 1000.' })
  entries!: string[];
}

@InputType({ description: 'An import that is to end with nothing taken.' })
export class DeclineImportInput extends MutationInput {
  @Field(() => ID, { description: 'The import.' })
  import!: string;

  @Field(() => String, { nullable: true, description: 'Why, at most 500 characters.' })
  reason?: string;
}

@ObjectType({ description: 'An import has been asked for or changed.' })
export class ImportPayload extends MutationPayload {
  @Field(() => Import, { description: 'The import.' })
  import!: Import;
}

@ObjectType({ description: 'An import that you are a party to has changed.' })
export class ImportChanged extends EventPayload {
  @Field(() => Import, { description: 'The import as the event has it.' })
  import!: Import;
}
