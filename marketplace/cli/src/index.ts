import { type Command } from 'commander';
import { addBuildCommands } from './commands/build-commands.js';
import { addKeysCommand } from './commands/keys-command.js';

export { bundleContracts, type ContractBundle } from './build/bundle.js';
export { packDApp, packageFiles, type PackedDApp } from './build/pack.js';
export { KeyStore } from './keys/key-store.js';
export { createDApp, type NewDApp, templateNames } from './templates/create-dapp.js';

export interface DAppCommandOptions {
  /** Where this system keeps what Medigraph's command knows of its user. */
  readonly configuration: string;
}

/** `medigraph dapp`: what the author of a DApp does with it. */
export function addDAppCommand(program: Command, { configuration }: DAppCommandOptions): void {
  const dapp = program.command('dapp').description('make, test, check, pack and sign DApps');
  addBuildCommands(dapp);
  addKeysCommand(dapp, configuration);
}
