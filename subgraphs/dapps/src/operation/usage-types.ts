import { connectionOf, ConnectionArguments } from '@medigraph/platform/graph';
import { dateScalar } from '@medigraph/schema/scalars';
import { ArgsType, Field, Int, ObjectType } from 'type-graphql';

@ObjectType('DAppErrorCount', { description: 'How often calls failed with a code.' })
export class DAppErrorCount {
  @Field(() => String, {
    description: 'Code; `DAPP_REFUSED/CODE` for a code of the contract, if its bundle has it as it stands.',
  })
  code!: string;

  @Field(() => Int, { description: 'How often, in steps of 5.' })
  count!: number;
}

@ObjectType('DAppUsage', {
  description:
    'Calls of one operation of a version on a day. Counts are told in steps of 5, and only of days with at least 5 different callers.',
})
export class DAppUsage {
  @Field(() => dateScalar, { description: 'The day, in UTC.' })
  day!: string;

  @Field(() => String, { description: 'The version that was called.' })
  version!: string;

  @Field(() => String, { description: '`Contract:Transaction`.' })
  operation!: string;

  @Field(() => Int, { nullable: true, description: 'Calls; null where there were too few callers.' })
  calls?: number;

  @Field(() => Int, { nullable: true, description: 'Of these, how many failed.' })
  failures?: number;

  @Field(() => [DAppErrorCount], { description: 'What they failed with, the most frequent first.' })
  errors!: DAppErrorCount[];

  @Field(() => Int, { nullable: true, description: 'Milliseconds that half of the calls took at most.' })
  p50?: number;

  @Field(() => Int, { nullable: true, description: 'Milliseconds that 95 % of the calls took at most.' })
  p95?: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Milliseconds that 99 % of the calls took at most; null beyond 30 s.',
  })
  p99?: number;
}

export const DAppUsageConnection = connectionOf(DAppUsage, 'DAppUsage');

@ArgsType()
export class UsageArguments extends ConnectionArguments {
  @Field(() => dateScalar, { nullable: true, description: 'From this day on; all that is kept by default.' })
  from?: string;

  @Field(() => dateScalar, { nullable: true, description: 'Up to and with this day.' })
  until?: string;
}
