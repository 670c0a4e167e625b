import { Command, CommanderError } from 'commander';
import { addAccountCommand } from './commands/account-command.js';
import { addChaincodeCommand } from './commands/chaincode-command.js';
import { addClientCommand } from './commands/client-command.js';
import { addConfigCommand } from './commands/config-command.js';
import { addDApps } from './commands/dapp-command.js';
import { addDataCommand } from './commands/data-command.js';
import { addDemoCommand } from './commands/demo-command.js';
import { addImportCommand } from './commands/import-command.js';
import { addLedgerCommand } from './commands/ledger-command.js';
import { addLoginCommand, addLogoutCommand, addWhoamiCommand } from './commands/login-command.js';
import { addNetworkCommand } from './commands/network-command.js';
import { addResetCommand } from './commands/reset-command.js';
import { addStartCommand } from './commands/start-command.js';
import { addGraphCommand } from './commands/graph-command.js';
import { addStatusCommand } from './commands/status-command.js';
import { addTokenCommand } from './commands/token-command.js';

/** The command line: what there is to call, with which arguments and options. */
export function createProgram(): Command {
  const program = new Command('medigraph')
    .description('A federated GraphQL platform over a consortium medical ledger')
    .showHelpAfterError('(--help says what there is)')
    .exitOverride();
  for (const add of [
    addStartCommand,
    addStatusCommand,
    addGraphCommand,
    addLoginCommand,
    addLogoutCommand,
    addWhoamiCommand,
    addTokenCommand,
    addAccountCommand,
    addClientCommand,
    addDemoCommand,
    addConfigCommand,
    addResetCommand,
    addNetworkCommand,
    addChaincodeCommand,
    addLedgerCommand,
    addImportCommand,
    addDataCommand,
    addDApps,
  ]) {
    add(program);
  }
  for (const command of below(program)) command.exitOverride();
  return program;
}

const below = ({ commands }: Command): Command[] => commands.flatMap((each) => [each, ...below(each)]);

/** Runs the `medigraph` command. A failure is one line on standard error and exit code 1. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    process.exit(0);
  } catch (error) {
    // Commander has said already what is wrong with the command line, or printed the help that was asked for.
    if (error instanceof CommanderError) process.exit(error.exitCode);
    const { code, message } = error as Error & { code?: string };
    process.stderr.write(`${code === undefined ? '' : `${code}: `}${message}\n`);
    if (process.env['MEDIGRAPH_LOG_LEVEL'] === 'debug') console.error(error);
    process.exit(1);
  }
}
