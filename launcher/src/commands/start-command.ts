import { fileURLToPath } from 'node:url';
import { type Command, InvalidArgumentError } from 'commander';
import { defaultDataFolder } from '../data-folder.js';
import { CommandError } from '../errors.js';
import { firstQuery } from '../first-query.js';
import { ProgressDisplay } from '../progress.js';
import { stopSignal } from '../stop-signal.js';

interface Options {
  readonly data: string;
  readonly port: number;
  readonly signInPort?: number;
  readonly reset: boolean;
  readonly empty: boolean;
  readonly population: string;
}

const samplePopulation = fileURLToPath(
  new URL('data', import.meta.resolve('@medigraph/corpus/package.json')),
);

export function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('must be a port number, 0 to 65535.');
  return port;
}

const say = (line: string) => process.stderr.write(`${line}\n`);

async function start({ data, port, signInPort, reset, empty, population }: Options): Promise<void> {
  const aborted = new AbortController();
  const signalled = stopSignal(() => aborted.abort(new CommandError('INTERRUPTED', 'Interrupted')));
  const display = new ProgressDisplay();
  const { startMedigraph } = await import('../start.js');
  const medigraph = await startMedigraph({
    data,
    port,
    signInPort,
    reset,
    population: empty ? undefined : population,
    signal: aborted.signal,
    onPhase: (what) => say(`${what} …`),
    onProgress: (progress) => display.show(progress),
    onLoaded: ({ patients, records, seconds }) => {
      display.stop();
      say(`Loaded ${records} records and claims of ${patients} patients in ${seconds.toFixed(1)} s.`);
    },
    onNotice: (message) => say(message),
  }).finally(() => display.stop());
  say(
    `\nMedigraph is ready (${(medigraph.readyMs / 1000).toFixed(1)} s). The graph, with GraphiQL for browsers:\n`,
  );
  say(`  ${medigraph.url}\n`);
  say(`People sign in at:\n\n  ${medigraph.issuer}\n`);
  say(`A first query:\n\n${firstQuery(medigraph.url, data, empty ? 'hospital-a' : 'patient')}\n`);
  say('See the whole story play with: npm run demo          Stop with Ctrl-C.');
  const failure = await Promise.race([signalled.then(() => undefined), medigraph.failed]);
  say('\nStopping …');
  await medigraph.stop();
  if (failure !== undefined) throw new CommandError('PART_FAILED', failure);
  say('Stopped.');
}

export function addStartCommand(program: Command): void {
  program
    .command('start', { isDefault: true })
    .description('start the network and the graph (what it needs and the environment does not name)')
    .option('--data <folder>', 'where everything is kept', defaultDataFolder)
    .option('--port <port>', 'port of the graph; 0 takes a free one', portNumber, 4000)
    .option(
      '--sign-in-port <port>',
      'port of the identity provider; that after the graph’s by default',
      portNumber,
    )
    .option('--reset', 'remove what is in the data folder first', false)
    .option('--empty', 'load no sample population', false)
    .option('--population <folder>', 'population to load at first start', samplePopulation)
    .action(start);
}
