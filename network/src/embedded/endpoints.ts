import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type PeerEndpoint } from '../connection-profile.js';
import { type NetworkDescription } from '../description.js';
import { NetworkDescriptionError } from '../errors.js';

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

/** Endpoint of the first ordering node of a running embedded network. */
export async function embeddedOrderer(
  { orderer, tls = false }: NetworkDescription,
  material: string,
  nodes: Readonly<Record<string, string>>,
): Promise<PeerEndpoint> {
  const name = `${orderer.nodes[0] ?? ''}.${orderer.domain}`;
  const address = nodes[name];
  if (address === undefined) throw new NetworkDescriptionError(`the ledger serves no ${name}`);
  if (tls === false) return { address };
  const file = path.join(material, 'ordererOrganizations', orderer.domain, 'msp', 'tlscacerts', 'tlsca.pem');
  return { address, tlsCaCertificate: await readFile(file, 'utf8'), serverNameOverride: name };
}
