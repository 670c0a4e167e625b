/** Object and input types that more than one subgraph speaks; `@shareable`, so each may answer them. */
import { type primitives } from '@medigraph/schema';
import { dateScalar, dateTimeScalar, decimalScalar } from '@medigraph/schema/scalars';
import { Directive, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { type TransactionReference } from '../ledger/index.js';

/** A committed transaction, by where it stands. */
@ObjectType('Transaction', { description: 'A committed ledger transaction, by where it stands.' })
@Directive('@shareable')
export class TransactionType implements TransactionReference {
  @Field(() => ID, { description: 'Fabric transaction id.' })
  id!: string;

  @Field(() => String, { description: 'Channel it was committed on.' })
  channel!: string;

  @Field(() => Int, { description: 'Number of its block.' })
  block!: number;
}

/** Relay PageInfo. */
@ObjectType('PageInfo', { description: 'Where a page of a connection stands (Relay).' })
@Directive('@shareable')
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether more follow.' })
  hasNextPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first edge.' })
  startCursor?: string;

  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the last edge: pass it as `after` for the next page.',
  })
  endCursor?: string;
}

/** FHIR Money. */
@ObjectType('Money', { description: 'FHIR R4 Money.' })
@Directive('@shareable')
export class MoneyType {
  @Field(() => decimalScalar, { description: 'Amount with two decimal places.' })
  value!: string;

  @Field(() => String, { description: 'ISO 4217 code.' })
  currency!: string;
}

/** FHIR Money, given. */
@InputType('MoneyInput', { description: 'FHIR R4 Money.' })
export class MoneyInput {
  @Field(() => decimalScalar, { description: 'Amount with two decimal places.' })
  value!: string;

  @Field(() => String, { description: 'ISO 4217 code.' })
  currency!: string;
}

/** FHIR Period over days. */
@ObjectType('DayPeriod', {
  description: 'FHIR Period over days; an absent bound is open, both bounds are inside.',
})
@Directive('@shareable')
export class DayPeriodType implements primitives.DayPeriod {
  @Field(() => dateScalar, { nullable: true, description: 'First day.' })
  start?: string;

  @Field(() => dateScalar, { nullable: true, description: 'Last day.' })
  end?: string;
}

/** FHIR Period over days, given. */
@InputType('DayPeriodInput', {
  description: 'FHIR Period over days; an absent bound is open, both bounds are inside.',
})
export class DayPeriodInput implements primitives.DayPeriod {
  @Field(() => dateScalar, { nullable: true, description: 'First day.' })
  start?: string;

  @Field(() => dateScalar, { nullable: true, description: 'Last day.' })
  end?: string;
}

/** FHIR Period over instants. */
@ObjectType('Period', { description: 'FHIR Period; an absent bound is open, the end is outside.' })
@Directive('@shareable')
export class InstantPeriodType implements primitives.InstantPeriod {
  @Field(() => dateTimeScalar, { nullable: true, description: 'From when.' })
  start?: string;

  @Field(() => dateTimeScalar, { nullable: true, description: 'Until when.' })
  end?: string;
}

/** FHIR Period over instants, given. */
@InputType('PeriodInput', { description: 'FHIR Period; an absent bound is open, the end is outside.' })
export class InstantPeriodInput implements primitives.InstantPeriod {
  @Field(() => dateTimeScalar, { nullable: true, description: 'From when.' })
  start?: string;

  @Field(() => dateTimeScalar, { nullable: true, description: 'Until when.' })
  end?: string;
}
