import { Argument, type Command, InvalidArgumentError } from 'commander';
import { defaultDataFolder } from '../data-folder.js';
import { type DescribedOptions, type LogOptions, type NetworkOptions } from '../network/actions.js';
import { type NetworkKind, networkKinds } from '../network/network-run.js';
import { addDeploymentCommands } from './deployment-commands.js';

/** Loaded when one of them is called, so that other commands start without what these need. */
const actions = () => import('../network/actions.js');

function lineCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('must be a number of lines, 1 or more.');
  return Number(text);
}

export function addNetworkCommand(program: Command): void {
  const network = program
    .command('network')
    .description('run a network without the platform: embedded, or real Fabric as plain processes');
  const add = (name: string, description: string) =>
    network
      .command(name)
      .description(description)
      .addArgument(new Argument('<kind>', 'which network').choices(networkKinds))
      .option('--data <folder>', 'where everything is kept', defaultDataFolder);
  add('up', "bring it up with the contract suites (native: with Fabric's programs of FABRIC_BIN or PATH)")
    .option('--network <file>', 'description of the network (default: the one that Medigraph ships)')
    .action(async (kind: NetworkKind, options: DescribedOptions) => (await actions()).up(kind, options));
  add('apply', 'bring it, while it runs, to a description that has grown by organisations or channels')
    .option('--network <file>', 'description of the network (default: the one that Medigraph ships)')
    .action(async (kind: NetworkKind, options: DescribedOptions) => (await actions()).apply(kind, options));
  add('down', 'stop it; its data stays').action(async (kind: NetworkKind, options: NetworkOptions) =>
    (await actions()).down(kind, options),
  );
  add('status', 'say what runs and how to reach it').action(
    async (kind: NetworkKind, options: NetworkOptions) => (await actions()).status(kind, options),
  );
  add('logs', 'show the end of what its parts logged')
    .argument('[part]', 'only this one, such as ledger or peer0.hospital-a.example')
    .option('--lines <count>', 'lines of each', lineCount, 50)
    .action(async (kind: NetworkKind, part: string | undefined, options: LogOptions) =>
      (await actions()).logs(kind, part, options),
    );
  addDeploymentCommands(network);
}
