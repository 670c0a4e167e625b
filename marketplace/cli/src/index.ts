import { type Command } from 'commander';
import { addBuildCommands } from './commands/build-commands.js';
import { addCredentialsCommands } from './commands/credentials-commands.js';
import { addClientCommands } from './commands/client-commands.js';
import { addKeysCommand } from './commands/keys-command.js';
import { addLogsCommand } from './commands/logs-command.js';
import { addMetricsCommand } from './commands/metrics-command.js';
import { addPublishCommands, type PublishCommandOptions } from './commands/publish-commands.js';
import { addTestCommand, type TestCommandOptions } from './commands/test-command.js';
import { addWebhooksCommands } from './commands/webhooks-commands.js';

export { bundleContracts, type ContractBundle } from './build/bundle.js';
export { DAppFolder } from './build/dapp-folder.js';
export { publishPackage, type Release, releaseOf } from './commands/publishing.js';
export { packDApp, packageFiles, type PackedDApp } from './build/pack.js';
export { KeyStore } from './keys/key-store.js';
export { createDApp, type NewDApp, templateNames } from './templates/create-dapp.js';

export { type GraphAccess, type GraphOptions } from './graph-access.js';

export { runTests, testFiles } from './build/run-tests.js';
export { type TestNetwork } from './commands/test-command.js';

export type DAppCommandOptions = PublishCommandOptions & TestCommandOptions;

/** `medigraph dapp`: what the author of a DApp does with it. */
export function addDAppCommand(program: Command, options: DAppCommandOptions): void {
  const dapp = program.command('dapp').description('make, test, check, pack, sign and publish DApps');
  addBuildCommands(dapp);
  addTestCommand(dapp, options);
  addKeysCommand(dapp, options);
  addPublishCommands(dapp, options);
  addClientCommands(dapp, options);
  addCredentialsCommands(dapp, options);
  addMetricsCommand(dapp, options);
  addLogsCommand(dapp, options);
  addWebhooksCommands(dapp, options);
}
