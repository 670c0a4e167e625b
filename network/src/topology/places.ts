import { defaultPorts, type NetworkDescription } from '../description.js';

/** Ports of the nodes, by name, fixed for the life of a network: channels and profiles name them. */
export type Ports = Readonly<Record<string, number>>;

/** Where the nodes of a network are, on the disk and on the wire. */
export interface Places {
  /** Everything of the network is below. */
  readonly folder: string;
  /** Keys and certificates. */
  readonly material: string;
  /** On which of its machine's addresses a node listens. */
  readonly listenHost: string;
  /** The host by which others reach a node. */
  hostOf(node: string): string;
  /** Of one of {@link portNames}. */
  portOf(name: string): number;
  /** Where a node tells its health and its figures; 0 takes a free port and tells none. */
  operationsPortOf(node: string): number;
}

/** The name of the port at which an ordering node is administered. */
export const adminPortName = (node: string): string => `${node}/admin`;

const ordererNames = ({ orderer }: NetworkDescription): string[] =>
  orderer.nodes.map((node) => `${node}.${orderer.domain}`);

const peerNames = ({ organizations }: NetworkDescription): string[] =>
  organizations.flatMap(({ domain, peers }) => peers.map((peer) => `${peer}.${domain}`));

/** Names of all ports that a network needs, apart from those of its chaincode. */
export function portNames(description: NetworkDescription): string[] {
  return [
    ...ordererNames(description).flatMap((node) => [node, adminPortName(node)]),
    ...peerNames(description),
  ];
}

/** Every node on the loopback address, each with ports of its own. */
export function onLoopback(folder: string, material: string, ports: Ports): Places {
  return {
    folder,
    material,
    listenHost: '127.0.0.1',
    hostOf: () => '127.0.0.1',
    portOf: (name) => ports[name] ?? 0,
    operationsPortOf: () => 0,
  };
}

/** Every node on a host of its own, known by the node's name, with the ports that the description gives its kind. */
export function onOwnHosts(description: NetworkDescription, folder: string, material: string): Places {
  const ports = { ...defaultPorts, ...description.ports };
  const byName = new Map([
    ...ordererNames(description).flatMap((name): [string, number][] => [
      [name, ports.orderer],
      [adminPortName(name), ports.ordererAdmin],
    ]),
    ...peerNames(description).map((name): [string, number] => [name, ports.peer]),
  ]);
  return {
    folder,
    material,
    listenHost: '0.0.0.0',
    hostOf: (node) => node,
    portOf: (name) => byName.get(name) ?? 0,
    operationsPortOf: () => ports.operations,
  };
}
