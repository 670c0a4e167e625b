import { readFile } from 'node:fs/promises';
import { onlyFile } from './only-file.js';
import path from 'node:path';
import { type Topology } from './topology.js';

/** The platform's connection profile for this network, with every PEM in it. */
export async function connectionProfileOf(topology: Topology): Promise<unknown> {
  const organizations = await Promise.all(
    topology.organizations.map(async (organization) => {
      const peers = await Promise.all(
        organization.peers.map(async (peer) => ({
          address: `127.0.0.1:${peer.port}`,
          tlsCaCertificate: await readFile(peer.tlsCa, 'utf8'),
        })),
      );
      const client = {
        certificate: await readFile(await onlyFile(path.join(organization.userMsp, 'signcerts')), 'utf8'),
        privateKey: await readFile(await onlyFile(path.join(organization.userMsp, 'keystore')), 'utf8'),
      };
      const ca = {
        certificate: await readFile(await onlyFile(organization.ca, '.pem'), 'utf8'),
        privateKey: await readFile(await onlyFile(organization.ca, '_sk'), 'utf8'),
      };
      return [organization.mspId, { peers, client, ca }] as const;
    }),
  );
  const channels = topology.channels.map(({ name, organizations: members, insurer, suites }) => [
    name,
    {
      organizations: members,
      suites: Object.fromEntries(suites.map(({ suite, chaincode }) => [suite, chaincode])),
      ...(insurer !== undefined && { insurer }),
    },
  ]);
  return {
    organizations: Object.fromEntries(organizations),
    channels: Object.fromEntries(channels) as unknown,
  };
}
