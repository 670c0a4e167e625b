import { addDAppCommand, type GraphAccess, type GraphOptions, type TestNetwork } from '@medigraph/dapp-cli';
import path from 'node:path';
import { type Command } from 'commander';
import { defaultDataFolder } from '../data-folder.js';
import { type DevOptions } from '../dapps/development/dev-command.js';
import { CommandError } from '../errors.js';
import { GraphClient } from '../graph-client.js';
import { openRunning } from '../running.js';
import { configurationFolder, SessionFile } from '../sign-in/session-file.js';
import { currentSession } from '../sign-in/sign-in-client.js';
import { stopSignal } from '../stop-signal.js';
import { portNumber } from './start-command.js';

/** As a role on this machine's platform, with both factors, as scripts are trusted there; or as whoever is signed in. */
async function openGraph({ as, data, graph }: GraphOptions): Promise<GraphAccess> {
  const { url, token } = await (as === undefined ? signedIn(graph, data) : asRole(as, data));
  return {
    url,
    token,
    request: async (query, variables) => new GraphClient(url, await token()).request(query, variables),
  };
}

type Place = Pick<GraphAccess, 'url' | 'token'>;

async function asRole(role: string, data: string): Promise<Place> {
  const { run, tokenFor } = await openRunning(data);
  return { url: run.url, token: () => tokenFor(role, undefined, true) };
}

async function signedIn(graph: string | undefined, data: string): Promise<Place> {
  const session = new SessionFile();
  return {
    url: graph ?? (await openRunning(data)).run.url,
    token: async () => (await currentSession(session)).accessToken,
  };
}

/** For the tests of one DApp. Ends with its parts where it is interrupted. */
async function startNetwork(folder: string, onPhase: (what: string) => void): Promise<TestNetwork> {
  const { IntegrationNetwork } = await import('../dapps/integration/integration-network.js');
  const aborted = new AbortController();
  void stopSignal(() => aborted.abort(new CommandError('INTERRUPTED', 'Interrupted')));
  const { signal } = aborted;
  const network = await IntegrationNetwork.start({ folders: [folder], signal, onPhase, onNotice: onPhase });
  return { environment: network.environment, interrupted: signal, stop: () => network.stop() };
}

/** `medigraph dapp`: its keys lie beside the session. */
export function addDApps(program: Command): void {
  addDAppCommand(program, {
    configuration: configurationFolder(process.env),
    data: defaultDataFolder,
    openGraph,
    startNetwork,
  });
  program.commands
    .find((command) => command.name() === 'dapp')
    ?.command('dev')
    .description('run a DApp on a platform of its own, and what you save at once')
    .option('--folder <folder>', 'folder of the DApp', '.')
    .option('--data <folder>', 'where everything of that platform is kept', path.join('.medigraph', 'dev'))
    .option('--port <port>', 'port of the graph; 0 takes a free one', portNumber, 4000)
    .option('--reset', 'remove what is in the data folder first', false)
    .action(async (options: DevOptions) =>
      (await import('../dapps/development/dev-command.js')).develop(options),
    );
}
