import { dateTimeScalar } from '@medigraph/schema/scalars';
import { Ctx, Field, ID, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { RecordsContext } from '../context.js';

@ObjectType({ description: 'What the last pass over the stored files found.' })
export class FileSweepReport {
  @Field(() => dateTimeScalar, { description: 'When it began.' })
  startedAt!: string;

  @Field(() => dateTimeScalar, { nullable: true, description: 'When it ended; null while it goes on.' })
  endedAt?: string;

  @Field(() => Int, { description: 'Files compared with what the ledger says of them.' })
  checked!: number;

  @Field(() => [ID], { description: 'Entries whose files are missing or altered.' })
  tampered!: readonly string[];

  @Field(() => Int, { description: 'Uploads given up, and files of erased entries removed.' })
  removed!: number;
}

@Resolver()
export class SweepQueries {
  @Query(() => FileSweepReport, {
    nullable: true,
    description:
      'As an operator: what the server that answers found of its stored files; null before its first pass.',
  })
  fileSweep(@Ctx('request') context: RecordsContext): FileSweepReport | undefined {
    context.requireRole('operator');
    const report = context.sweep?.report;
    return report && Object.assign(new FileSweepReport(), report);
  }
}
