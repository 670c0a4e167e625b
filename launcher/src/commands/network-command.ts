import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { defaultDescriptionFile, readNetworkDescription } from '@medigraph/network';
import { nativeLogs } from '@medigraph/network/native';
import { Argument, type Command, InvalidArgumentError } from 'commander';
import { DataFolder, defaultDataFolder } from '../data-folder.js';
import { CommandError } from '../errors.js';
import { addDeploymentCommands } from './deployment-commands.js';
import { askToApply, serveControl } from '../network/control.js';
import { bringUp, type StandingNetwork } from '../network/bring-up.js';
import {
  type NetworkKind,
  networkKinds,
  readNetworkRun,
  removeNetworkRun,
  requireNetworkRun,
  writeNetworkRun,
} from '../network/network-run.js';
import { takeDown } from '../network/take-down.js';
import { alive } from '../run-file.js';
import { stopSignal } from '../stop-signal.js';

interface Options {
  readonly data: string;
}

const folderOf = (kind: NetworkKind, { data }: Options) => new DataFolder(data).networkOf(kind);

/** How to put the platform on top, as lines of a shell. */
function environmentOf({ connectionProfile, mongodbUri }: StandingNetwork): string[] {
  return [
    `export MEDIGRAPH_CONNECTION_PROFILE=${connectionProfile}`,
    ...(mongodbUri === undefined ? [] : [`export MONGODB_URI=${mongodbUri}`]),
  ];
}

async function up(kind: NetworkKind, options: Options & { readonly network?: string }): Promise<void> {
  const folder = folderOf(kind, options);
  const running = await readNetworkRun(folder);
  if (running && alive(running.pid)) {
    throw new CommandError(
      'NETWORK_RUNNING',
      `The ${kind} network of ${folder} runs already, as process ${running.pid}`,
    );
  }
  const signalled = stopSignal();
  const startedAt = new Date();
  const control = await serveControl(async (file, onStep) => {
    const standing = await starting;
    try {
      await standing.apply(await readNetworkDescription(file), onStep);
    } finally {
      // Also after a failure: what was started until then runs.
      await record(standing);
    }
  });
  const record = async ({ connectionProfile, mongodbUri, parts }: StandingNetwork) =>
    writeNetworkRun(folder, {
      kind,
      pid: process.pid,
      startedAt: startedAt.toISOString(),
      connectionProfile,
      mongodbUri,
      control: control.address,
      parts: (await parts()).map(({ name, pid }) => ({ name, pid })),
    });
  const starting = bringUp(kind, {
    folder,
    networkFile: options.network,
    onNotice: (message) => {
      console.error(message);
      // A part may crash and come back before all of them are up; then there is nothing to record yet.
      void starting.then(record, () => undefined);
    },
  });
  const network = await starting.catch(async (error: unknown) => {
    await control.close();
    throw error;
  });
  await record(network);
  const seconds = (Date.now() - startedAt.getTime()) / 1000;
  console.error(`The ${kind} network is up (${seconds.toFixed(1)} s). To put Medigraph on it:\n`);
  for (const line of environmentOf(network)) console.log(line);
  console.error('\nStop with Ctrl-C, or from elsewhere with: network down');
  const failure = await Promise.race([signalled.then(() => undefined), network.failed]);
  await control.close();
  await network.stop();
  await removeNetworkRun(folder);
  if (failure !== undefined) throw new CommandError('NETWORK_FAILED', failure);
}

async function apply(kind: NetworkKind, options: Options & { readonly network?: string }): Promise<void> {
  const run = await requireNetworkRun(kind, folderOf(kind, options));
  const file = path.resolve(options.network ?? defaultDescriptionFile);
  // Read here too, so that a mistake in it is told before the network hears of it.
  await readNetworkDescription(file);
  let steps = 0;
  await askToApply(run.control, file, (step) => {
    steps += 1;
    console.log(step);
  });
  console.log(steps === 0 ? 'Nothing to do.' : `The ${kind} network is as described.`);
}

async function down(kind: NetworkKind, options: Options): Promise<void> {
  const stopped = await takeDown(kind, folderOf(kind, options));
  console.log(stopped ? `The ${kind} network is down.` : `No ${kind} network was up.`);
}

async function status(kind: NetworkKind, options: Options): Promise<void> {
  const run = await requireNetworkRun(kind, folderOf(kind, options));
  console.log(`network  ${kind}, process ${run.pid}, since ${run.startedAt}`);
  console.log(`profile  ${run.connectionProfile}`);
  if (run.mongodbUri !== undefined) console.log(`mongodb  ${run.mongodbUri}`);
  const dead = run.parts.filter(({ pid }) => !alive(pid));
  for (const part of run.parts) {
    console.log(`${dead.includes(part) ? 'stopped' : 'running'}  ${part.name} (${part.pid})`);
  }
  if (dead.length > 0) throw new CommandError('NETWORK_INCOMPLETE', `${dead.length} parts do not run`);
}

async function logs(
  kind: NetworkKind,
  part: string | undefined,
  { lines, ...options }: Options & { readonly lines: number },
): Promise<void> {
  const folder = new DataFolder(folderOf(kind, options)).logs;
  const files = await readdir(folder).catch(() => []);
  // The last run's are kept beside as NAME.1.log.
  const names = files
    .filter((file) => /(?<!\.1)\.log$/.test(file))
    .map((file) => path.basename(file, '.log'))
    .sort();
  if (names.length === 0) throw new CommandError('NO_LOGS', `No ${kind} network has logged below ${folder}`);
  if (part !== undefined && !names.includes(part)) {
    throw new CommandError('PART_UNKNOWN', `There is no part ${part}; there are ${names.join(', ')}`);
  }
  for (const name of part === undefined ? names : [part]) {
    if (part === undefined) console.log(`\n▸ ${name}`);
    console.log((await nativeLogs(path.join(folder, `${name}.log`), lines)).join('\n'));
  }
}

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
    .action(up);
  add('apply', 'bring it, while it runs, to a description that has grown by organisations or channels')
    .option('--network <file>', 'description of the network (default: the one that Medigraph ships)')
    .action(apply);
  add('down', 'stop it; its data stays').action(down);
  add('status', 'say what runs and how to reach it').action(status);
  add('logs', 'show the end of what its parts logged')
    .argument('[part]', 'only this one, such as ledger or peer0.hospital-a.example')
    .option('--lines <count>', 'lines of each', lineCount, 50)
    .action(logs);
  addDeploymentCommands(network);
}
