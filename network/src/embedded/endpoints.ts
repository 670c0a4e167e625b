import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type PeerEndpoint } from '../connection-profile.js';
import { type NetworkDescription } from '../description.js';

/**
 * Endpoints of every peer of a running embedded network, by MSP id, for `connectionProfileOf`.
 *
 * @param material - folder of the network's crypto material.
 * @param nodes - address of each node by host name, as the ledger says once it is ready.
 */
export async function embeddedEndpoints(
  { organizations, tls = false }: NetworkDescription,
  material: string,
  nodes: Readonly<Record<string, string>>,
): Promise<Record<string, PeerEndpoint[]>> {
  const endpoints: Record<string, PeerEndpoint[]> = {};
  for (const { mspId, domain, peers } of organizations) {
    const authority = path.join(material, 'peerOrganizations', domain, 'msp', 'tlscacerts', 'tlsca.pem');
    const tlsCaCertificate = tls === false ? undefined : await readFile(authority, 'utf8');
    endpoints[mspId] = peers.flatMap((short) => {
      const name = `${short}.${domain}`;
      const address = nodes[name];
      if (address === undefined) return [];
      return [
        tlsCaCertificate === undefined
          ? { address }
          : { address, tlsCaCertificate, serverNameOverride: name },
      ];
    });
  }
  return endpoints;
}
