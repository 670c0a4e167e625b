import { dateTimeScalar } from '@medigraph/schema/scalars';
import { Ctx, Field, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { RecordsContext } from '../context.js';

@ObjectType({ description: 'How far the keys of your entries are wrapped for your newest encryption key.' })
export class RewrapProgress {
  @Field(() => Int, { description: 'Keys that there are, as far as is known.' })
  total!: number;

  @Field(() => Int, { description: 'Keys that are wrapped for the newest encryption key.' })
  rewrapped!: number;

  @Field(() => Int, { description: 'Keys that none of your encryption keys opens; they stay as they are.' })
  unreadable!: number;

  @Field(() => dateTimeScalar, { description: 'When it began.' })
  startedAt!: string;

  @Field(() => dateTimeScalar, { nullable: true, description: 'When it ended; null while it goes on.' })
  endedAt?: string;
}

@Resolver()
export class RewrapQueries {
  @Query(() => RewrapProgress, {
    nullable: true,
    description:
      'As a patient whose keys are kept by the platform: how far your entries have followed your last rotation of keys; null if nothing has begun.',
  })
  async rewrapProgress(@Ctx('request') context: RecordsContext): Promise<RewrapProgress | undefined> {
    const told = await context.rewrapProgress(context.requirePatient());
    if (told === undefined) return undefined;
    const { total, rewrapped, unreadable, startedAt, endedAt } = told;
    return Object.assign(new RewrapProgress(), { total, rewrapped, unreadable, startedAt, endedAt });
  }
}
