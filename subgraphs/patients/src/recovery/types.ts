/** The graph's types for patients whose key is lost. */
import { connectionOf, EventPayload, MutationInput, MutationPayload } from '@medigraph/platform/graph';
import { care } from '@medigraph/schema';
import { dateTimeScalar } from '@medigraph/schema/scalars';
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';

export const recoveryStatusEnum = Object.fromEntries(
  care.recoveryStatuses.map((status) => [status.toUpperCase(), status]),
);
registerEnumType(recoveryStatusEnum, {
  name: 'RecoveryStatus',
  description: 'How far a recovery has come.',
});

@ObjectType({ description: 'A lost key of a patient that another is to follow, with the yes of guardians.' })
export class Recovery {
  @Field(() => ID, { description: 'Chain address of the patient.' })
  patient!: string;

  @Field(() => ID, { description: 'Chain address of the key that is to follow.' })
  signer!: string;

  @Field(() => recoveryStatusEnum, { description: 'How far it has come.' })
  status!: care.Recovery['status'];

  @Field(() => dateTimeScalar, { description: 'When it was requested.' })
  requestedAt!: string;

  @Field(() => [ID], { description: 'Guardians who agreed: chain addresses and institution ids.' })
  approvedBy!: string[];

  @Field(() => dateTimeScalar, {
    nullable: true,
    description: 'From when it can be completed; until then, and after, the key there is can cancel it.',
  })
  effectiveAt?: string;
}

export const RecoveryConnection = connectionOf(Recovery, 'Recovery');

@InputType({ description: 'Whom the patient trusts with giving them another key.' })
export class NameGuardiansInput extends MutationInput {
  @Field(() => [ID], { description: 'Patients by chain address, institutions by id; 1 to 20.' })
  guardians!: string[];

  @Field(() => Int, { description: 'How many of them must agree.' })
  threshold!: number;

  @Field(() => Int, { description: 'Days that a recovery waits once they have; 1 to 90.' })
  waitingDays!: number;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether that many of them bring back the decryption keys as well; true if it takes more than one, and not to be had of one.',
  })
  shareKeys?: boolean;
}

@ObjectType({ description: 'Guardians have been named.' })
export class NameGuardiansPayload extends MutationPayload {
  @Field(() => [ID], { description: 'The guardians.' })
  guardians!: string[];
}

@InputType({ description: 'A recovery that was completed.' })
export class HandOverShareInput extends MutationInput {
  @Field(() => ID, { description: 'Chain address of the patient.' })
  patient!: string;

  @Field(() => ID, { description: 'Chain address of the key that followed.' })
  signer!: string;
}

@InputType({ description: 'A recovery.' })
export class ApproveRecoveryInput extends MutationInput {
  @Field(() => ID, { description: 'Chain address of the patient.' })
  patient!: string;

  @Field(() => ID, { description: 'Chain address of the key that is to follow.' })
  signer!: string;
}

@InputType({ description: 'A recovery of your own.' })
export class CancelRecoveryInput extends MutationInput {
  @Field(() => ID, { description: 'Chain address of the key that is to follow.' })
  signer!: string;
}

@ObjectType({ description: 'A recovery has changed.' })
export class RecoveryPayload extends MutationPayload {
  @Field(() => Recovery, { description: 'The recovery.' })
  recovery!: Recovery;
}

@ObjectType({ description: 'A recovery was requested, approved or cancelled.' })
export class RecoveryChanged extends EventPayload {
  @Field(() => Recovery, { description: 'The recovery as the event has it.' })
  recovery!: Recovery;
}
