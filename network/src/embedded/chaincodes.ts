import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type ChaincodePackage, packageService } from '../admin/chaincode-package.js';
import { type AdminIdentity, PeerConnection } from '../admin/peer-connection.js';
import { provisionChaincodes } from '../admin/provision-chaincodes.js';
import { type PeerEndpoint } from '../connection-profile.js';
import { type NetworkDescription } from '../description.js';

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
 * Brings the chaincodes of a running embedded network to what the description says, by the transactions of the lifecycle:
 * every peer installs, every organisation approves, then the channel commits. A policy that has changed since is agreed
 * on anew.
 *
 * @param material - folder of {@link prepareEmbedded}
 * @param endpoints - of each organisation's peers, by MSP id
 */
export async function deployEmbedded(
  description: NetworkDescription,
  material: string,
  endpoints: Readonly<Record<string, readonly PeerEndpoint[]>>,
): Promise<void> {
  const suites = new Set(description.channels.flatMap(({ suites: used }) => used.map(({ suite }) => suite)));
  const packages = new Map(
    await Promise.all([...suites].map(async (suite) => [suite, await suitePackage(suite)] as const)),
  );
  const identities = await Promise.all(
    description.organizations.map((each) => administratorOf(each, material, description.tls === 'mutual')),
  );
  const administrators = identities.flatMap((identity) =>
    (endpoints[identity.mspId] ?? []).map((endpoint) => ({
      mspId: identity.mspId,
      connection: PeerConnection.open(endpoint, identity),
    })),
  );
  try {
    await provisionChaincodes(description, administrators, packages);
  } finally {
    for (const { connection } of administrators) connection.close();
  }
}
