import { readFile } from 'node:fs/promises';
import { type PeerEndpoint } from '../connection-profile.js';
import { type Topology } from './topology.js';

/** Endpoints of each organisation's peers, with the authority of their TLS certificates. */
export async function endpointsOf(topology: Topology): Promise<Record<string, PeerEndpoint[]>> {
  const endpoints: Record<string, PeerEndpoint[]> = {};
  for (const { mspId, peers } of topology.organizations) {
    endpoints[mspId] = await Promise.all(
      peers.map(async ({ name, host, port, tlsCa }) => ({
        address: `${host}:${port}`,
        tlsCaCertificate: await readFile(tlsCa, 'utf8'),
        serverNameOverride: name,
      })),
    );
  }
  return endpoints;
}
