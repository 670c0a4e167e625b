import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  chaincodeId,
  connectionProfileOf,
  deployEmbedded,
  embeddedEndpoints,
  embeddedOrderer,
  growEmbedded,
  type NetworkDescription,
  type OnStep,
  prepareAuthorities,
  prepareEmbedded,
  readNetworkDescription,
} from '@medigraph/network';
import { z } from 'zod';
import { type PartOptions, type ReadyMessage } from './child-part.js';
import { entryOf, suiteEntries } from './contract-suites.js';
import { type DataFolder } from './data-folder.js';
import { type LogFiles } from './log-files.js';
import { type PartKeeper, type Supervisor } from './supervisor.js';

export const embeddedParts = ['documents', ...Object.keys(suiteEntries), 'ca', 'ledger'];

const suiteReady = z.object({ address: z.string() });
const ledgerReady = z.object({ nodes: z.record(z.string(), z.string()) });
const authoritiesReady = z.object({ urls: z.record(z.string(), z.string()) });
const documentsReady = z.object({ uri: z.string() });

/** What the platform needs to know of the network below it. */
export interface NetworkAddresses {
  readonly connectionProfile: string;
  readonly mongodbUri: string;
  /** MSP folder of an administrator of each organisation, as MSPID=FOLDER with commas between; absent where the network is somebody else's. */
  readonly administrators?: string;
  /** Brings the network to a description that has grown; absent where the network is somebody else's. */
  readonly apply?: (description: NetworkDescription, keeper: Restarting, onStep: OnStep) => Promise<void>;
}

/** Starts parts anew on purpose. */
type Restarting = Pick<Supervisor, 'restart'>;

/**
 * Starts the parts of the embedded network that nothing else stands for: the documents unless `mongodbUri` names a
 * server, suites and ledger unless `connectionProfile` names a network.
 */
export async function startEmbedded(
  supervisor: Pick<PartKeeper, 'start'>,
  data: DataFolder,
  logs: LogFiles,
  given: {
    readonly connectionProfile?: string;
    readonly mongodbUri?: string;
    /** The description of the network; the one that Medigraph ships unless named. */
    readonly networkFile?: string;
  },
): Promise<NetworkAddresses> {
  const [mongodbUri, ledger] = await Promise.all([
    given.mongodbUri ?? startDocuments(supervisor, data, logs),
    given.connectionProfile === undefined
      ? startLedgerAndSuites(supervisor, data, logs, given.networkFile)
      : { connectionProfile: given.connectionProfile },
  ]);
  return { mongodbUri, ...ledger };
}

async function startDocuments(
  supervisor: Pick<PartKeeper, 'start'>,
  data: DataFolder,
  logs: LogFiles,
): Promise<string> {
  const part = (port: string): PartOptions => ({
    name: 'documents',
    entry: entryOf('@medigraph/embedded-documents/server'),
    env: { DOCUMENTS_DATA_DIR: data.documents, DOCUMENTS_PORT: port },
    onLog: logs.writer('documents'),
  });
  const ready = await supervisor.start(part('0'), (first) =>
    part(new URL(documentsReady.parse(first).uri).port),
  );
  return documentsReady.parse(ready).uri;
}

async function startSuite(
  name: string,
  entry: string,
  supervisor: Pick<PartKeeper, 'start'>,
  logs: LogFiles,
): Promise<string> {
  const id = await chaincodeId(name);
  const part = (address: string): PartOptions => ({
    name,
    entry,
    env: { CHAINCODE_SERVER_ADDRESS: address, CHAINCODE_ID: id },
    onLog: logs.writer(name),
  });
  const ready = await supervisor.start(part('127.0.0.1:0'), (first) => part(suiteReady.parse(first).address));
  return suiteReady.parse(ready).address;
}

/** Addresses of the authorities by MSP id; none if the network has none. */
async function startAuthorities(
  current: () => NetworkDescription,
  supervisor: Pick<PartKeeper, 'start'>,
  data: DataFolder,
  logs: LogFiles,
): Promise<Record<string, string>> {
  const file = await prepareAuthorities(current(), data.network);
  if (file === undefined) return {};
  const part: PartOptions = {
    name: 'ca',
    entry: entryOf('@medigraph/embedded-ca/server'),
    env: { MEDIGRAPH_CA_DESCRIPTION: file, MEDIGRAPH_CA_DATA: data.authorities },
    onLog: logs.writer('ca'),
  };
  const ready = await supervisor.start(part, async (first) => {
    const { urls } = authoritiesReady.parse(first);
    const addresses = Object.entries(urls).map(([mspId, url]) => [mspId, new URL(url).host] as const);
    await prepareAuthorities(current(), data.network, Object.fromEntries(addresses));
    return part;
  });
  return authoritiesReady.parse(ready).urls;
}

async function startLedgerAndSuites(
  supervisor: Pick<PartKeeper, 'start'>,
  data: DataFolder,
  logs: LogFiles,
  networkFile: string | undefined,
): Promise<Pick<NetworkAddresses, 'connectionProfile' | 'administrators' | 'apply'>> {
  let description = await readNetworkDescription(networkFile);
  const [network, ...chaincodes] = await Promise.all([
    prepareEmbedded(description, data.network),
    ...Object.entries(suiteEntries).map(
      async ([name, entry]) => `${name}=${await startSuite(name, entry, supervisor, logs)}`,
    ),
  ]);
  const part: PartOptions = {
    name: 'ledger',
    entry: entryOf('@medigraph/embedded-ledger/server'),
    env: {
      MEDIGRAPH_LEDGER_NETWORK: network.ledgerFile,
      MEDIGRAPH_LEDGER_DATA: data.ledger,
      MEDIGRAPH_LEDGER_CHAINCODES: chaincodes.join(','),
    },
    // It first writes what is ordered already.
    stopTimeout: 30_000,
    onLog: logs.writer('ledger'),
  };
  const restart = async (before: ReadyMessage): Promise<PartOptions> => {
    await prepareEmbedded(description, data.network, ledgerReady.parse(before));
    return part;
  };
  const [ready, authorities] = await Promise.all([
    supervisor.start(part, restart),
    startAuthorities(() => description, supervisor, data, logs),
  ]);
  let { nodes } = ledgerReady.parse(ready);
  let urls = authorities;
  const connectionProfile = path.join(data.network, 'connection.json');
  const provision = async (onStep?: OnStep) => {
    const endpoints = await embeddedEndpoints(description, network.material, nodes);
    const orderer = await embeddedOrderer(description, network.material, nodes);
    await growEmbedded(description, data.network, endpoints, orderer, onStep);
    await deployEmbedded(description, network.material, endpoints, onStep);
    const profile = await connectionProfileOf(description, network.material, endpoints, urls);
    await writeFile(connectionProfile, JSON.stringify(profile, undefined, 2), { mode: 0o600 });
  };
  await provision();
  return {
    connectionProfile,
    administrators: administratorsOf(description, network.material),
    async apply(wanted, keeper, onStep) {
      await prepareEmbedded(wanted, data.network, { nodes });
      // A ledger reads which nodes and channels it serves when it starts.
      const stale = shapeOf(wanted) !== shapeOf(description);
      description = wanted;
      if (stale) {
        onStep('ledger: starts anew with what is described');
        ({ nodes } = ledgerReady.parse(await keeper.restart('ledger')));
        if (Object.keys(urls).length > 0) {
          onStep('ca: starts anew with what is described');
          ({ urls } = authoritiesReady.parse(await keeper.restart('ca')));
        }
      }
      await provision(onStep);
    },
  };
}

/** Where the administrators that the material begins with are. */
const administratorsOf = ({ organizations }: NetworkDescription, material: string): string =>
  organizations
    .map(({ mspId, domain }) => {
      const folder = path.join(material, 'peerOrganizations', domain, 'users', `Admin@${domain}`, 'msp');
      return `${mspId}=${folder}`;
    })
    .join(',');

/** What of a description its ledger and its authorities read at their start. */
const shapeOf = ({ organizations, channels }: NetworkDescription): string =>
  JSON.stringify([organizations, channels.map(({ name, organizations: members }) => [name, members])]);
