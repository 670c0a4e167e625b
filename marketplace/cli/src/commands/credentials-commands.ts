import { type Command } from 'commander';
import { type GraphOptions } from '../graph-access.js';
import { KeyStore } from '../keys/key-store.js';
import { passphraseFor } from '../keys/passphrase.js';
import { platformCommands } from './platform-commands.js';
import { type PublishCommandOptions } from './publish-commands.js';

interface Credentials {
  readonly clientId: string;
  readonly tokenEndpoint: string;
  readonly authentication: string;
  readonly kid: string | null;
  readonly secret: string | null;
}

const fields = 'clientId tokenEndpoint authentication kid secret';
const print = (line: string) => process.stdout.write(`${line}\n`);

function show({ clientId, tokenEndpoint, authentication, kid, secret }: Credentials): void {
  print(`client          ${clientId}`);
  print(`token endpoint  ${tokenEndpoint}`);
  print(`authentication  ${authentication}`);
  if (kid !== null) print(`kid             ${kid}`);
  if (secret !== null) print(`secret          ${secret}\n\nThe secret is not shown again.`);
}

/** `medigraph dapp client-credentials`: how the back end of a DApp gets tokens. */
export function addCredentialsCommands(
  dapp: Command,
  { configuration, data, openGraph }: PublishCommandOptions,
): void {
  const keys = new KeyStore(configuration);
  const group = dapp
    .command('client-credentials')
    .description('how the back end of your DApp gets access tokens');
  const onPlatform = platformCommands(group, data);

  onPlatform(
    'issue <dapp>',
    'give it a secret, or have it authenticate with a key; what it had before counts no more',
  )
    .option('--key <name>', 'the key; see `medigraph dapp keys`')
    .action(async (id: string, options: GraphOptions & { key?: string }) => {
      const publicKey =
        options.key === undefined
          ? undefined
          : (await keys.open(options.key, await passphraseFor(options.key))).publicKey;
      const graph = await openGraph(options);
      const { issueDAppCredentials } = await graph.request<{ issueDAppCredentials: Credentials }>(
        `mutation($input: IssueDAppCredentialsInput!) { issueDAppCredentials(input: $input) { ${fields} } }`,
        { input: { dapp: id, ...(publicKey !== undefined && { publicKey }) } },
      );
      show(issueDAppCredentials);
    });

  onPlatform('show <dapp>', 'print them, without the secret').action(
    async (id: string, options: GraphOptions) => {
      const graph = await openGraph(options);
      const { dApp } = await graph.request<{ dApp: { credentials: Credentials | null } | null }>(
        `query($id: ID!) { dApp(id: $id) { credentials { ${fields} } } }`,
        { id },
      );
      if (dApp?.credentials) show(dApp.credentials);
      else print(`${id} has no client credentials that you may see`);
    },
  );

  onPlatform('close <dapp>', 'let it get no token any more').action(
    async (id: string, options: GraphOptions) => {
      const graph = await openGraph(options);
      await graph.request(
        'mutation($input: CloseDAppCredentialsInput!) { closeDAppCredentials(input: $input) { id } }',
        { input: { dapp: id } },
      );
    },
  );
}
