import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { dateTimeScalar } from '@medigraph/schema/scalars';
import { TransactionType } from './shared-types.js';
import { type LivePayload } from './live-events.js';
import { type TransactionReference } from '../ledger/index.js';

/** What every mutation's input may carry. */
@InputType()
export abstract class MutationInput {
  @Field(() => ID, {
    nullable: true,
    description: 'Two calls by the same caller with the same key make one transaction.',
  })
  idempotencyKey?: string;
}

/** What every mutation answers beside its thing. */
@ObjectType()
export abstract class MutationPayload {
  @Field(() => TransactionType, { description: 'The transaction that did it.' })
  transaction!: TransactionReference;
}

/** What every live event says beside its thing. */
@ObjectType()
export abstract class EventPayload implements LivePayload {
  @Field(() => String, { description: 'Pass it as `after` to resume behind this event.' })
  cursor!: string;

  @Field(() => String, { description: 'Name of the ledger event.' })
  event!: string;

  @Field(() => TransactionType, { description: 'The transaction that emitted it.' })
  transaction!: TransactionReference;

  @Field(() => dateTimeScalar, { description: 'When the transaction was signed.' })
  timestamp!: string;
}
