import path from 'node:path';
import { type Consenter, type Consensus, type HostPort } from '../channel/initial-channel.js';
import { type NetworkDescription } from '../description.js';
import { adminPortName, operationsPortName, type Places } from './places.js';

/** Folders of one node's identity, in the layout that `cryptogen` made usual. */
export interface NodeMaterial {
  readonly msp: string;
  readonly tlsCa: string;
  readonly tlsCertificate: string;
  readonly tlsKey: string;
}

export interface TopologyNode extends NodeMaterial, HostPort {
  /** Such as `peer0.hospital-a.example`. */
  readonly name: string;
  readonly mspId: string;
  /** Configuration, data and nothing else. */
  readonly folder: string;
  /** On which of its machine's addresses it listens. */
  readonly listenHost: string;
  /** Where it tells its health and its figures, for Prometheus; 0 takes a free port and tells none. */
  readonly operationsPort: number;
}

export interface OrdererNode extends TopologyNode, Consenter {
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

/** Every node and file of a network, worked out from its description and its places. */
export interface Topology {
  readonly folder: string;
  readonly orderer: OrganizationMaterial & {
    readonly consensus: Consensus;
    readonly nodes: readonly OrdererNode[];
  };
  readonly organizations: readonly PeerOrganization[];
  readonly channels: NetworkDescription['channels'];
  readonly batch: NetworkDescription['batch'];
  /** Whether clients must show the nodes a TLS certificate. */
  readonly mutualTls: boolean;
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

export function topologyOf(description: NetworkDescription, places: Places): Topology {
  const node = (organization: string, kind: string, mspId: string, name: string): TopologyNode => ({
    ...materialOf(path.join(organization, kind, name)),
    name,
    mspId,
    host: places.hostOf(name),
    port: places.portOf(name),
    folder: path.join(places.folder, 'nodes', name),
    listenHost: places.listenHost,
    operationsPort: places.portOf(operationsPortName(name)),
  });
  const { orderer } = description;
  const ordererFolder = path.join(places.material, 'ordererOrganizations', orderer.domain);
  return {
    folder: places.folder,
    orderer: {
      ...organizationOf(ordererFolder, orderer.mspId, orderer.domain),
      consensus: orderer.consensus ?? 'etcdraft',
      nodes: orderer.nodes.map((short) => {
        const name = `${short}.${orderer.domain}`;
        const own = node(ordererFolder, 'orderers', orderer.mspId, name);
        return {
          ...own,
          certificate: path.join(own.msp, 'signcerts', `${name}-cert.pem`),
          adminPort: places.portOf(adminPortName(name)),
        };
      }),
    },
    organizations: description.organizations.map(({ mspId, domain, peers }) => {
      const own = path.join(places.material, 'peerOrganizations', domain);
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
