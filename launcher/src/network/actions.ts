import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { defaultDescriptionFile, readNetworkDescription } from '@medigraph/network';
import { nativeLogs } from '@medigraph/network/native';
import { DataFolder } from '../data-folder.js';
import { CommandError } from '../errors.js';
import { askToApply, serveControl } from './control.js';
import { bringUp, type StandingNetwork } from './bring-up.js';
import {
  type NetworkKind,
  readNetworkRun,
  removeNetworkRun,
  requireNetworkRun,
  writeNetworkRun,
} from './network-run.js';
import { takeDown } from './take-down.js';
import { alive } from '../run-file.js';
import { stopSignal } from '../stop-signal.js';

export interface NetworkOptions {
  /** Data folder. */
  readonly data: string;
}

export interface DescribedOptions extends NetworkOptions {
  /** File with the description of the network. */
  readonly network?: string;
}

export interface LogOptions extends NetworkOptions {
  readonly lines: number;
}

const folderOf = (kind: NetworkKind, { data }: NetworkOptions) => new DataFolder(data).networkOf(kind);

/** How to put the platform on top, as lines of a shell. */
function environmentOf({ connectionProfile, mongodbUri }: StandingNetwork): string[] {
  return [
    `export MEDIGRAPH_CONNECTION_PROFILE=${connectionProfile}`,
    ...(mongodbUri === undefined ? [] : [`export MONGODB_URI=${mongodbUri}`]),
  ];
}

export async function up(kind: NetworkKind, options: DescribedOptions): Promise<void> {
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
    await control.close('it did not start');
    throw error;
  });
  await record(network);
  const seconds = (Date.now() - startedAt.getTime()) / 1000;
  console.error(`The ${kind} network is up (${seconds.toFixed(1)} s). To put Medigraph on it:\n`);
  for (const line of environmentOf(network)) console.log(line);
  console.error('\nStop with Ctrl-C, or from elsewhere with: network down');
  const failure = await Promise.race([signalled.then(() => undefined), network.failed]);
  await control.close(failure ?? 'it is being stopped');
  await network.stop();
  await removeNetworkRun(folder);
  if (failure !== undefined) throw new CommandError('NETWORK_FAILED', failure);
}

export async function apply(kind: NetworkKind, options: DescribedOptions): Promise<void> {
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

export async function down(kind: NetworkKind, options: NetworkOptions): Promise<void> {
  const stopped = await takeDown(kind, folderOf(kind, options));
  console.log(stopped ? `The ${kind} network is down.` : `No ${kind} network was up.`);
}

export async function status(kind: NetworkKind, options: NetworkOptions): Promise<void> {
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

export async function logs(
  kind: NetworkKind,
  part: string | undefined,
  { lines, ...options }: LogOptions,
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
