import { type PublisherKey } from '@medigraph/dapp-package';
import { type Command } from 'commander';
import { KeyStore } from '../keys/key-store.js';
import { passphraseFor } from '../keys/passphrase.js';

const print = (line: string) => process.stdout.write(`${line}\n`);

function show({ kid, publicKey }: PublisherKey): void {
  print(`kid        ${kid}`);
  print(`publicKey  ${publicKey}`);
}

/** `medigraph dapp keys`: what a publisher signs packages with. @param configuration - folder of this user's settings. */
export function addKeysCommand(dapp: Command, configuration: string): void {
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
}
