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
  /** Of a node or a service by its name, or of one of its further ports; 0 if it is not told one. */
  portOf(name: string): number;
}

/** The name of the port at which an ordering node is administered. */
export const adminPortName = (node: string): string => `${node}/admin`;

/** The name of the port at which a node of Fabric tells its health and its figures. */
export const operationsPortName = (node: string): string => `${node}/operations`;

/** The name of the service that runs a contract suite. */
export const suiteService = (suite: string): string => `chaincode-${suite}`;

/** The contract suites that the channels use, each once. */
export const suitesOf = ({ channels }: NetworkDescription): string[] => [
  ...new Set(channels.flatMap(({ suites }) => suites.map(({ suite }) => suite))),
];

/** The name of the service that serves the graph. */
export const platformService = 'platform';

/** The name of the service that people sign in with. */
export const identityService = 'identity';

/** The name of the service that checks and runs DApps, of the first of its ports. */
export const dappsService = 'dapps';
/** The name of the port at which it says what it runs. */
export const dappsHealth = 'dapps/health';

/** The MongoDB servers that hold the read models together. */
export const documentServers = ['mongodb0', 'mongodb1', 'mongodb2'] as const;

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
  };
}

/** The ports of every service of a deployment in which each has a host of its own: those that the description gives its kind. */
export function ownHostPorts(description: NetworkDescription): Ports {
  const ports = { ...defaultPorts, ...description.ports };
  const all = (names: readonly string[], port: number) =>
    Object.fromEntries(names.map((name) => [name, port]));
  const [orderers, peers] = [ordererNames(description), peerNames(description)];
  return {
    ...all(orderers, ports.orderer),
    ...all(orderers.map(adminPortName), ports.ordererAdmin),
    ...all(peers, ports.peer),
    ...all([...orderers, ...peers].map(operationsPortName), ports.operations),
    ...all(suitesOf(description).map(suiteService), ports.chaincode),
    ...all(documentServers, ports.mongodb),
    [platformService]: ports.platform,
    [identityService]: ports.identity,
    [dappsService]: ports.dapps,
    [dappsHealth]: ports.operations,
  };
}

/** Every node on a host of its own, known by the node's name. */
export function onOwnHosts(folder: string, material: string, ports: Ports): Places {
  return {
    folder,
    material,
    listenHost: '0.0.0.0',
    hostOf: (node) => node,
    portOf: (name) => ports[name] ?? 0,
  };
}
