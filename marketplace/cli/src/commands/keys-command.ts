import { type PublisherKey } from '@medigraph/dapp-package';
import { type Command } from 'commander';
import { type GraphOptions } from '../graph-access.js';
import { KeyStore } from '../keys/key-store.js';
import { passphraseFor } from '../keys/passphrase.js';
import { platformCommands } from './platform-commands.js';
import { type PublishCommandOptions } from './publish-commands.js';
import { addKey, type RegisteredKey, registeredKeys, revokeKey } from './publisher-keys.js';

interface OfPublisher extends GraphOptions {
  readonly publisher: string;
}

const print = (line: string) => process.stdout.write(`${line}\n`);

function show({ kid, publicKey }: PublisherKey): void {
  print(`kid        ${kid}`);
  print(`publicKey  ${publicKey}`);
}

function showRegistered(keys: readonly RegisteredKey[]): void {
  for (const { kid, status, since } of keys) print(`${kid}  ${status.toLowerCase()} since ${since}`);
}

/** `medigraph dapp keys`: what a publisher signs packages with, on this machine and on the ledger. */
export function addKeysCommand(
  dapp: Command,
  { configuration, data, openGraph }: PublishCommandOptions,
): void {
  const store = new KeyStore(configuration);
  const keys = dapp.command('keys').description('keys with which you sign what you publish');
  keys
    .command('create <name>')
    .description('make a key, and print what the ledger is told of it')
    .action(async (name: string) => show(await store.create(name, await passphraseFor(name))));
  keys
    .command('show <name>')
    .description('print what the ledger is told of a key')
    .action(async (name: string) => show(await store.open(name, await passphraseFor(name))));
  keys
    .command('list')
    .description('print the names of your keys')
    .action(async () => {
      for (const name of await store.list()) print(name);
    });

  const onPlatform = platformCommands(keys, data);
  const ofPublisher = (name: string, description: string) =>
    onPlatform(name, description).requiredOption('--publisher <id>', 'whose keys');
  ofPublisher('registered', 'tell which keys the ledger knows of a publisher').action(
    async ({ publisher, ...options }: OfPublisher) =>
      showRegistered(await registeredKeys(await openGraph(options), publisher)),
  );
  ofPublisher('add <name>', 'as the publisher: sign with another of your keys, too').action(
    async (name: string, { publisher, ...options }: OfPublisher) => {
      const { publicKey } = await store.open(name, await passphraseFor(name));
      showRegistered(await addKey(await openGraph(options), publisher, publicKey));
    },
  );
  // By its thumbprint and as an option: a lost key can be revoked, and a thumbprint may begin with a hyphen.
  ofPublisher('revoke', 'as the publisher: have a key sign nothing that is published later')
    .requiredOption('--kid <kid>', 'which; see `medigraph dapp keys registered`')
    .action(async ({ publisher, kid, ...options }: OfPublisher & { readonly kid: string }) =>
      showRegistered(await revokeKey(await openGraph(options), publisher, kid)),
    );
}
