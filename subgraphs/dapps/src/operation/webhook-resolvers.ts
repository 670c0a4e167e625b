/** Web hooks of a DApp: whether they work, and what their publisher does about it. */
import { SecondFactor } from '@medigraph/platform/graph';
import { type WebhookDocument, webhookId } from '@medigraph/platform/operation';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { DAppsContext } from '../context.js';
import { WebhookNotFound } from '../errors.js';
import { requireOwnDApp, seesOperation } from '../publishing-rights.js';
import { DApp } from '../types.js';
import {
  DAppWebhook,
  DAppWebhookSecret,
  IssueDAppWebhookSecretInput,
  ResumeDAppWebhookInput,
} from './webhook-types.js';

@Resolver(() => DApp)
export class WebhookResolvers {
  @FieldResolver(() => [DAppWebhook], {
    description:
      'Where its back end hears of events, in the order of the manifest: for those who publish or review it, and empty for everybody else.',
  })
  async webhooks(@Root() { id }: DApp, @Ctx('request') context: DAppsContext): Promise<DAppWebhook[]> {
    const { operation, loaders } = context;
    if (!(await seesOperation(context, id))) return [];
    const { graph, webhooks = [] } = (await loaders.dapps.load(id))?.manifest ?? {};
    return Promise.all(
      webhooks.map(async ({ event, url }) => {
        const state = await operation.webhooks.find(webhookId({ dapp: id, event, url }));
        const isKnown = graph?.events?.[event] !== undefined;
        return webhookOf({ event, url }, state, isKnown);
      }),
    );
  }

  @Mutation(() => DAppWebhook, {
    description:
      'As the publisher: serve a web hook again that was disabled, beginning with what it was not told.',
  })
  async resumeDAppWebhook(
    @Ctx('request') context: DAppsContext,
    @Arg('input', () => ResumeDAppWebhookInput, { description: 'Which.' })
    { dapp, event, url }: ResumeDAppWebhookInput,
  ): Promise<DAppWebhook> {
    await requireOwnDApp(context, dapp);
    const { webhooks } = context.operation;
    const id = webhookId({ dapp, event, url });
    if (!(await webhooks.resume(id))) throw new WebhookNotFound(dapp, event);
    return webhookOf({ event, url }, await webhooks.find(id), true);
  }

  @SecondFactor()
  @Mutation(() => DAppWebhookSecret, {
    description:
      'As the publisher: sign messages with another secret; the one before signs beside it for a day.',
  })
  async issueDAppWebhookSecret(
    @Ctx('request') context: DAppsContext,
    @Arg('input', () => IssueDAppWebhookSecretInput, { description: 'Of which DApp.' })
    { dapp }: IssueDAppWebhookSecretInput,
  ): Promise<DAppWebhookSecret> {
    await requireOwnDApp(context, dapp);
    const secret = await context.operation.webhooks.changeSecret(dapp);
    return Object.assign(new DAppWebhookSecret(), { secret });
  }
}

function webhookOf(
  name: { readonly event: string; readonly url: string },
  found: WebhookDocument | undefined,
  isKnown: boolean,
): DAppWebhook {
  const { state, failures = 0, reason, failingSince, deliveredAt } = found ?? {};
  return Object.assign(new DAppWebhook(), {
    ...name,
    state: state ?? 'pending',
    ...{ failures, failingSince, deliveredAt },
    reason: isKnown ? reason : 'graph.events of the manifest has no such event',
  });
}
