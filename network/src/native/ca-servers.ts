import path from 'node:path';
import { type AuthorityPlan } from '../certificate-authorities.js';
import { type NetworkDescription } from '../description.js';
import { authorityFolder, prepareAuthorities, servedAuthorities } from '../embedded/authorities.js';
import { writeServerHome } from '../fabric-ca/home.js';
import { type ChaincodeProgram } from './nodes.js';
import { type NodeProcessOptions } from './node-process.js';
import { type Ports } from '../topology/places.js';

/** How the authorities of a native network are served. */
export type AuthorityProgram =
  /** Path of a real `fabric-ca-server`: one process an organisation. */
  | { readonly fabricCaServer: string }
  /** The embedded CA: one process for all. It is told what to serve, and where to keep data, by its arguments. */
  | { readonly embedded: ChaincodeProgram };

/** Authorities of a native network that are to be started, and where they will be reached. */
export interface AuthorityServers {
  readonly programs: readonly NodeProcessOptions[];
  /** By MSP id. */
  readonly urls: Readonly<Record<string, string>>;
}

const operations = (name: string) => `${name}/operations`;

/** Names of the ports that a network's authorities need. */
export const authorityPorts = (plans: readonly AuthorityPlan[]): string[] =>
  plans.flatMap(({ name }) => [name, operations(name)]);

/** Writes what a network's authorities need below `folder`, and says how to start them. */
export async function authorityServers(
  description: NetworkDescription,
  folder: string,
  ports: Ports,
  program: AuthorityProgram,
): Promise<AuthorityServers> {
  const plans = await servedAuthorities(description, folder);
  const port = (name: string) => ports[name] ?? 0;
  const urls = Object.fromEntries(
    plans.map(({ mspId, name }) => [mspId, `https://127.0.0.1:${port(name)}`] as const),
  );
  const logFile = (name: string) => path.join(folder, 'logs', `${name}.log`);
  const [first] = plans;
  if (first === undefined) return { programs: [], urls };
  if ('embedded' in program) {
    const addresses = plans.map(({ mspId, name }) => [mspId, `127.0.0.1:${port(name)}`] as const);
    const file = (await prepareAuthorities(description, folder, Object.fromEntries(addresses))) ?? '';
    const { command, args, env = {} } = program.embedded;
    const own = ['--description', file, '--data', path.join(folder, 'ca')];
    const embedded = { name: 'ca', command, args: [...args, ...own], env, folder, logFile: logFile('ca') };
    return { programs: [{ ...embedded, port: port(first.name) }], urls };
  }
  const { fabricCaServer } = program;
  const programs = plans.map(async (authority): Promise<NodeProcessOptions> => {
    const { name } = authority;
    const home = path.join(folder, 'nodes', name);
    await writeServerHome(home, {
      authority,
      organization: path.join(folder, authorityFolder(description, authority)),
      addresses: {
        address: '127.0.0.1',
        port: port(name),
        operations: `127.0.0.1:${port(operations(name))}`,
      },
      database: () => ({ type: 'sqlite3', file: 'fabric-ca-server.db' }),
    });
    return {
      name,
      command: fabricCaServer,
      args: ['start', '--home', home],
      env: {},
      folder: home,
      logFile: logFile(name),
      port: port(name),
    };
  });
  return { programs: await Promise.all(programs), urls };
}
