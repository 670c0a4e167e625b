import path from 'node:path';
import { type NetworkDescription } from '../description.js';

/** Ports of one node, fixed for the life of the folder: channels and profiles name them. */
export type Ports = Readonly<Record<string, number>>;

/** Folders of one node's identity, in the layout that `cryptogen` made usual. */
export interface NodeMaterial {
  readonly msp: string;
  readonly tlsCa: string;
  readonly tlsCertificate: string;
  readonly tlsKey: string;
}

export interface TopologyNode extends NodeMaterial {
  /** Such as `peer0.hospital-a.example`. */
  readonly name: string;
  readonly mspId: string;
  readonly port: number;
  /** Configuration, data and nothing else. */
  readonly folder: string;
}

export interface OrdererNode extends TopologyNode {
  readonly adminPort: number;
}

export interface OrganizationMaterial {
  readonly mspId: string;
  /** The MSP folder that stands in the channels' configuration. */
  readonly msp: string;
  readonly adminMsp: string;
  readonly adminTls: string;
}

export interface PeerOrganization extends OrganizationMaterial {
  readonly peers: readonly TopologyNode[];
}

/** Every node and file of a native network, worked out from its description and folder. */
export interface Topology {
  readonly folder: string;
  readonly orderer: OrganizationMaterial & { readonly nodes: readonly OrdererNode[] };
  readonly organizations: readonly PeerOrganization[];
  readonly channels: NetworkDescription['channels'];
  readonly batch: NetworkDescription['batch'];
  /** Whether clients must show the nodes a TLS certificate. */
  readonly mutualTls: boolean;
}

/** Names of all ports that a network needs, apart from those of its chaincode. */
export function portNames(description: NetworkDescription): string[] {
  return [
    ...description.orderer.nodes.flatMap((node) => [
      `${node}.${description.orderer.domain}`,
      `${node}.${description.orderer.domain}/admin`,
    ]),
    ...description.organizations.flatMap(({ domain, peers }) => peers.map((peer) => `${peer}.${domain}`)),
  ];
}

const materialOf = (folder: string): NodeMaterial => ({
  msp: path.join(folder, 'msp'),
  tlsCa: path.join(folder, 'tls', 'ca.crt'),
  tlsCertificate: path.join(folder, 'tls', 'server.crt'),
  tlsKey: path.join(folder, 'tls', 'server.key'),
});

const organizationOf = (folder: string, mspId: string, domain: string): OrganizationMaterial => ({
  mspId,
  msp: path.join(folder, 'msp'),
  adminMsp: path.join(folder, 'users', `Admin@${domain}`, 'msp'),
  adminTls: path.join(folder, 'users', `Admin@${domain}`, 'tls'),
});

export function topologyOf(
  description: NetworkDescription,
  folder: string,
  material: string,
  ports: Ports,
): Topology {
  const port = (name: string) => ports[name] ?? 0;
  const node = (organization: string, kind: string, mspId: string, name: string): TopologyNode => ({
    ...materialOf(path.join(organization, kind, name)),
    name,
    mspId,
    port: port(name),
    folder: path.join(folder, 'nodes', name),
  });
  const ordererFolder = path.join(material, 'ordererOrganizations', description.orderer.domain);
  return {
    folder,
    orderer: {
      ...organizationOf(ordererFolder, description.orderer.mspId, description.orderer.domain),
      nodes: description.orderer.nodes.map((short) => {
        const name = `${short}.${description.orderer.domain}`;
        return {
          ...node(ordererFolder, 'orderers', description.orderer.mspId, name),
          adminPort: port(`${name}/admin`),
        };
      }),
    },
    organizations: description.organizations.map(({ mspId, domain, peers }) => {
      const own = path.join(material, 'peerOrganizations', domain);
      return {
        ...organizationOf(own, mspId, domain),
        peers: peers.map((short) => node(own, 'peers', mspId, `${short}.${domain}`)),
      };
    }),
    channels: description.channels,
    batch: description.batch,
    mutualTls: description.tls === 'mutual',
  };
}
