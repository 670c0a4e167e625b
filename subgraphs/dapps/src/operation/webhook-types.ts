import { enumerationOf } from '@medigraph/platform/graph';
import { dateTimeScalar } from '@medigraph/schema/scalars';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';

export const webhookStates = ['pending', 'active', 'disabled'] as const;
export type WebhookState = (typeof webhookStates)[number];

export const webhookStateEnum = enumerationOf(
  'DAppWebhookState',
  'PENDING until the version is in the graph of the platform that delivers, DISABLED after it failed for three days or its back end said that it is gone.',
  webhookStates,
);

@ObjectType('DAppWebhook', { description: 'Where the back end of a DApp hears of an event.' })
export class DAppWebhook {
  @Field(() => String, { description: 'Event of its contracts.' })
  event!: string;

  @Field(() => String, { description: 'Where it hears of it.' })
  url!: string;

  @Field(() => webhookStateEnum, { description: 'Whether it is served.' })
  state!: WebhookState;

  @Field(() => Int, { description: 'Attempts that failed since the last one that did not.' })
  failures!: number;

  @Field(() => String, { nullable: true, description: 'What the last attempt failed with.' })
  reason?: string;

  @Field(() => dateTimeScalar, { nullable: true, description: 'Since when it has failed.' })
  failingSince?: string;

  @Field(() => dateTimeScalar, { nullable: true, description: 'When it was served last.' })
  deliveredAt?: string;
}

@InputType({ description: 'A web hook that is to be served again.' })
export class ResumeDAppWebhookInput {
  @Field(() => ID, { description: 'Id of the DApp.' })
  dapp!: string;

  @Field(() => String, { description: 'The event.' })
  event!: string;

  @Field(() => String, { description: 'Where the back end hears of it.' })
  url!: string;
}

@InputType({ description: 'A DApp whose messages are to be signed with another secret.' })
export class IssueDAppWebhookSecretInput {
  @Field(() => ID, { description: 'Id of the DApp.' })
  dapp!: string;
}

@ObjectType('DAppWebhookSecret', { description: 'What messages to a back end are signed with.' })
export class DAppWebhookSecret {
  @Field(() => String, {
    description: 'As Standard Webhooks writes it: `whsec_` and base64. Told once.',
  })
  secret!: string;
}
