import { type Command } from 'commander';
import { CommandFailure } from '../command-failure.js';
import { type GraphOptions } from '../graph-access.js';
import { platformCommands } from './platform-commands.js';
import { type PublishCommandOptions } from './publish-commands.js';

interface Webhook {
  readonly event: string;
  readonly url: string;
  readonly state: string;
  readonly failures: number;
  readonly reason: string | null;
  readonly failingSince: string | null;
  readonly deliveredAt: string | null;
}

const fields = 'event url state failures reason failingSince deliveredAt';
const print = (line: string) => process.stdout.write(`${line}\n`);

function show({ event, url, state, failures, reason, failingSince, deliveredAt }: Webhook): void {
  print(`${event}  ${url}  ${state.toLowerCase()}`);
  if (deliveredAt !== null) print(`  served last at ${deliveredAt}`);
  if (failures > 0 && failingSince !== null) print(`  ${failures} attempts failed since ${failingSince}`);
  if (reason !== null) print(`  ${reason}`);
}

/** `medigraph dapp webhooks`: how the back end of a DApp hears of events. */
export function addWebhooksCommands(dapp: Command, { data, openGraph }: PublishCommandOptions): void {
  const group = dapp.command('webhooks').description('how the back end of your DApp hears of events');
  const onPlatform = platformCommands(group, data);

  onPlatform('show <dapp>', 'tell whether they are served').action(
    async (id: string, options: GraphOptions) => {
      const graph = await openGraph(options);
      const { dApp } = await graph.request<{ dApp: { webhooks: Webhook[] } | null }>(
        `query($id: ID!) { dApp(id: $id) { webhooks { ${fields} } } }`,
        { id },
      );
      if (!dApp) throw new CommandFailure('DAPP_NOT_FOUND', `there is no DApp ${id} that you may see`);
      for (const webhook of dApp.webhooks) show(webhook);
    },
  );

  onPlatform('secret <dapp>', 'sign messages with another secret, and print it').action(
    async (id: string, options: GraphOptions) => {
      const graph = await openGraph(options);
      const { issueDAppWebhookSecret } = await graph.request<{ issueDAppWebhookSecret: { secret: string } }>(
        'mutation($input: IssueDAppWebhookSecretInput!) { issueDAppWebhookSecret(input: $input) { secret } }',
        { input: { dapp: id } },
      );
      print(`${issueDAppWebhookSecret.secret}\n\nThe secret is not shown again.`);
    },
  );

  onPlatform('resume <dapp> <event> <url>', 'serve one again that was disabled').action(
    async (id: string, event: string, url: string, options: GraphOptions) => {
      const graph = await openGraph(options);
      const { resumeDAppWebhook } = await graph.request<{ resumeDAppWebhook: Webhook }>(
        `mutation($input: ResumeDAppWebhookInput!) { resumeDAppWebhook(input: $input) { ${fields} } }`,
        { input: { dapp: id, event, url } },
      );
      show(resumeDAppWebhook);
    },
  );
}
