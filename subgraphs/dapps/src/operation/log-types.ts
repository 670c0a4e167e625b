import { connectionOf } from '@medigraph/platform/graph';
import { dateTimeScalar } from '@medigraph/schema/scalars';
import { Field, ID, ObjectType } from 'type-graphql';

@ObjectType('DAppLogEntry', { description: 'Something that happened to the contracts of a DApp.' })
export class DAppLogEntry {
  @Field(() => dateTimeScalar, { description: 'When.' })
  at!: string;

  @Field(() => String, { description: 'Of which version.' })
  version!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Code of what the sandbox stopped; null for a line that the contracts wrote while they were loaded.',
  })
  code?: string;

  @Field(() => String, { description: 'A sentence, without data of a transaction.' })
  message!: string;

  @Field(() => ID, { nullable: true, description: 'The transaction in which it happened.' })
  transactionId?: string;
}

export const DAppLogEntryConnection = connectionOf(DAppLogEntry, 'DAppLogEntry');
