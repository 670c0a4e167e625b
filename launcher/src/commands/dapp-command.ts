import { addDAppCommand, type GraphAccess, type GraphOptions } from '@medigraph/dapp-cli';
import { type Command } from 'commander';
import { defaultDataFolder } from '../data-folder.js';
import { GraphClient } from '../graph-client.js';
import { openRunning } from '../running.js';
import { configurationFolder, SessionFile } from '../sign-in/session-file.js';
import { currentSession } from '../sign-in/sign-in-client.js';

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

/** `medigraph dapp`: its keys lie beside the session. */
export function addDApps(program: Command): void {
  addDAppCommand(program, {
    configuration: configurationFolder(process.env),
    data: defaultDataFolder,
    openGraph,
  });
}
