import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type FabricBinaries, findProgram, startNative } from '@medigraph/network/native';
import { sampleChaincodes, sampleDescription } from '@medigraph/network/testing';
import { connectionProfile } from '@medigraph/platform/ledger';
import { type NetworkUnderTest } from './network-under-test.js';

/** Real Fabric as plain processes. */
export async function startNativeNetwork(
  folder: string,
  binaries: FabricBinaries,
): Promise<NetworkUnderTest> {
  const fabricCaServer = await findProgram('fabric-ca-server');
  const options = {
    description: sampleDescription,
    folder,
    binaries,
    chaincodes: sampleChaincodes,
    ...(fabricCaServer !== undefined && { authorities: { fabricCaServer } }),
  };
  let network = await startNative(options);
  return {
    profile: connectionProfile.parse(JSON.parse(await readFile(network.connectionProfile, 'utf8'))),
    material: path.join(folder, 'organizations'),
    async restart() {
      await network.stop();
      network = await startNative(options);
    },
    stop: () => network.stop(),
  };
}
