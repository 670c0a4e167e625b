import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type ChaincodePackage, packageService } from '../admin/chaincode-package.js';
import { type AdminIdentity, PeerConnection } from '../admin/peer-connection.js';
import { provisionChaincodes } from '../admin/provision-chaincodes.js';
import { type PeerEndpoint } from '../connection-profile.js';
import { OrdererConnection } from '../admin/orderer-connection.js';
import { type NetworkDescription } from '../description.js';
import { configIn, growChannel, membersIn, type OnStep } from '../growth/grow-channel.js';
import { embeddedChannels } from './first-blocks.js';
import { genesisFile, materialFolder } from './layout.js';

/** What a suite's package says of where it serves: nothing, since the ledger is told that at each start. */
const nowhere = '127.0.0.1:0';

/** The package of a contract suite; the same wherever it is made. */
export const suitePackage = (suite: string): Promise<ChaincodePackage> => packageService(suite, nowhere);

/** Id with which the process of a contract suite registers. */
export const chaincodeId = async (suite: string): Promise<string> => (await suitePackage(suite)).id;

async function onlyFile(folder: string): Promise<string> {
  const [name = ''] = await readdir(folder);
  return readFile(path.join(folder, name), 'utf8');
}

/** The administrator that an organisation's material begins with. */
async function administratorOf(
  { mspId, domain }: NetworkDescription['organizations'][number],
  material: string,
  mutualTls: boolean,
): Promise<AdminIdentity> {
  const user = path.join(material, 'peerOrganizations', domain, 'users', `Admin@${domain}`);
  const tls = (name: string) => readFile(path.join(user, 'tls', name), 'utf8');
  return {
    mspId,
    certificate: await onlyFile(path.join(user, 'msp', 'signcerts')),
    privateKey: await onlyFile(path.join(user, 'msp', 'keystore')),
    ...(mutualTls && {
      tls: { certificate: await tls('client.crt'), privateKey: await tls('client.key') },
    }),
  };
}

/**
 * An administrator of each organisation, connected to each of its peers; whoever asks closes the connections.
 * @param material - folder of {@link prepareEmbedded}
 * @param endpoints - of each organisation's peers, by MSP id
 */
export async function embeddedAdministrators(
  { organizations, tls }: NetworkDescription,
  material: string,
  endpoints: Readonly<Record<string, readonly PeerEndpoint[]>>,
) {
  const identities = await Promise.all(
    organizations.map((each) => administratorOf(each, material, tls === 'mutual')),
  );
  return identities.flatMap((identity) =>
    (endpoints[identity.mspId] ?? []).map((endpoint) => ({
      mspId: identity.mspId,
      identity,
      connection: PeerConnection.open(endpoint, identity),
    })),
  );
}

/**
 * Brings the chaincodes of a running embedded network to what the description says, by the transactions of the lifecycle:
 * every peer installs, every organisation approves, then the channel commits. A policy that has changed since is agreed
 * on anew.
 *
 * @param material - folder of {@link prepareEmbedded}
 * @param endpoints - of each organisation's peers, by MSP id
 * @param onStep - hears what is done
 */
export async function deployEmbedded(
  description: NetworkDescription,
  material: string,
  endpoints: Readonly<Record<string, readonly PeerEndpoint[]>>,
  onStep?: OnStep,
): Promise<void> {
  const suites = new Set(description.channels.flatMap(({ suites: used }) => used.map(({ suite }) => suite)));
  const packages = new Map(
    await Promise.all([...suites].map(async (suite) => [suite, await suitePackage(suite)] as const)),
  );
  const administrators = await embeddedAdministrators(description, material, endpoints);
  try {
    await provisionChaincodes(description, administrators, packages, onStep);
  } finally {
    for (const { connection } of administrators) connection.close();
  }
}

/**
 * Brings the configuration of a running embedded network's channels to what the description says: new members, access control
 * lists. Peers of new members have joined already, since the ledger reads the description at its start.
 *
 * @param folder - that of {@link prepareEmbedded}
 * @param endpoints - of each organisation's peers, by MSP id
 * @param orderer - of an ordering node
 */
export async function growEmbedded(
  description: NetworkDescription,
  folder: string,
  endpoints: Readonly<Record<string, readonly PeerEndpoint[]>>,
  orderer: PeerEndpoint,
  onStep: OnStep = () => undefined,
): Promise<void> {
  const administrators = await embeddedAdministrators(
    description,
    path.join(folder, materialFolder),
    endpoints,
  );
  const ordering = OrdererConnection.open(orderer, administrators[0]?.identity.tls);
  try {
    for (const channel of embeddedChannels(description, folder)) {
      const founders = membersIn(configIn(await readFile(path.join(folder, genesisFile(channel.name)))));
      await growChannel(channel, founders, administrators, ordering, onStep);
    }
  } finally {
    ordering.close();
    for (const { connection } of administrators) connection.close();
  }
}
