import { type NetworkDescription } from '../description.js';
import { type ChaincodePackage } from './chaincode-package.js';
import { type Administrator, deploy } from './deploy.js';
import { PeerAdmin } from './peer-admin.js';

/** Installs packages that the peer does not have. */
export async function installMissing(
  { connection }: Administrator,
  packages: Iterable<ChaincodePackage>,
): Promise<void> {
  const admin = new PeerAdmin(connection);
  const installed = new Set((await admin.queryInstalled()).map(({ packageId }) => packageId));
  for (const { id, content } of packages) if (!installed.has(id)) await admin.install(content);
}

/** One administrator of each organisation that has any. */
function firstOfEach(administrators: readonly Administrator[], mspIds: readonly string[]): Administrator[] {
  return mspIds.flatMap((wanted) => administrators.find(({ mspId }) => mspId === wanted) ?? []);
}

/**
 * Brings the chaincodes of all channels to what the description says, where peers and orderer run: installed, approved by
 * every member, committed. What is so already is left alone.
 * @param administrators - one connected to each peer
 * @param packages - by suite; suites without one are left out
 * @param onStep - hears what is done
 */
export async function provisionChaincodes(
  { channels }: Pick<NetworkDescription, 'channels'>,
  administrators: readonly Administrator[],
  packages: ReadonlyMap<string, ChaincodePackage>,
  onStep?: (what: string) => void,
): Promise<void> {
  await Promise.all(
    administrators.map(async (administrator) => {
      const own = channels.filter(({ organizations }) => organizations.includes(administrator.mspId));
      const suites = new Set(own.flatMap(({ suites: used }) => used.map(({ suite }) => suite)));
      await installMissing(
        administrator,
        [...suites].flatMap((suite) => packages.get(suite) ?? []),
      );
    }),
  );
  await Promise.all(
    channels.flatMap(({ name, organizations, suites }) => {
      const members = firstOfEach(administrators, organizations);
      return suites.map(async ({ suite, chaincode, endorsementPolicy, collections = [] }) => {
        const found = packages.get(suite);
        if (found === undefined) return;
        const deployment = { channel: name, chaincode, endorsementPolicy, collections, package: found };
        await deploy(deployment, members, onStep);
      });
    }),
  );
}
