import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type ChaincodePackage, packageService } from '../admin/chaincode-package.js';
import { type Administrator } from '../admin/deploy.js';
import { PeerConnection } from '../admin/peer-connection.js';
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

/**
 * Brings the chaincodes of a running embedded network to what the description says, by the transactions of the lifecycle:
 * every organisation installs and approves, then the channel commits. A policy that has changed since is agreed on anew.
 *
 * @param material - folder of {@link prepareEmbedded}
 * @param peers - endpoints of each organisation's peers, by MSP id; one of each is asked
 */
export async function deployEmbedded(
  description: NetworkDescription,
  material: string,
  peers: Readonly<Record<string, readonly PeerEndpoint[]>>,
): Promise<void> {
  const suites = new Set(description.channels.flatMap(({ suites: used }) => used.map(({ suite }) => suite)));
  const packages = new Map(
    await Promise.all([...suites].map(async (suite) => [suite, await suitePackage(suite)] as const)),
  );
  const administrators: Administrator[] = [];
  try {
    for (const { mspId, domain } of description.organizations) {
      const [endpoint] = peers[mspId] ?? [];
      if (endpoint === undefined) continue;
      const folder = path.join(material, 'peerOrganizations', domain, 'users', `Admin@${domain}`, 'msp');
      const [certificate, privateKey] = await Promise.all([
        onlyFile(path.join(folder, 'signcerts')),
        onlyFile(path.join(folder, 'keystore')),
      ]);
      const connection = PeerConnection.open(endpoint, { mspId, certificate, privateKey });
      administrators.push({ mspId, connection });
    }
    await provisionChaincodes(description, administrators, packages);
  } finally {
    for (const { connection } of administrators) connection.close();
  }
}
