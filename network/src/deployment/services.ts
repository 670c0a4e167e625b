import path from 'node:path';
import { defaultPorts, type NetworkDescription } from '../description.js';
import {
  dappsHealth,
  dappsService,
  identityService,
  ownHostPorts,
  type Places,
  platformService,
  type Ports,
  suiteService,
  suitesOf,
} from '../topology/places.js';
import { type OrdererNode, type Topology, type TopologyNode, topologyOf } from '../topology/topology.js';
import { authorityPorts, authorityServices } from './authority-services.js';
import { documentServices, firstDocumentService } from './document-services.js';
import { bashHealth } from './fabric-health.js';
import * as layout from './layout.js';
import { type Service } from './service.js';

/** How the parts that the platform's own image has are run there: commands relative to its working folder. */
export interface PlatformPrograms {
  /** By suite. */
  readonly suites: Readonly<Record<string, readonly string[]>>;
  /** Serves the graph. */
  readonly platform: readonly string[];
  /** Checks DApps and runs their contracts. */
  readonly dapps: readonly string[];
  /** People sign in with it. */
  readonly identity: readonly string[];
  /** Joins channels and deploys suites; the deployment's folder is appended. */
  readonly provision: readonly string[];
  /** Makes the document servers one; the deployment's folder is appended. */
  readonly documents: readonly string[];
  /** Succeeds if the address, which is appended, answers: `http://…` with a 2xx, `tcp://…` at all. */
  readonly health: readonly string[];
}

export const initService = 'network-init';

const fabricService = (
  node: TopologyNode,
  material: string,
): Pick<
  Service,
  'name' | 'environment' | 'secrets' | 'identities' | 'data' | 'health' | 'once' | 'published'
> => ({
  name: node.name,
  environment: { FABRIC_CFG_PATH: node.folder, FABRIC_LOGGING_SPEC: 'info' },
  secrets: [],
  identities: [material],
  data: [path.join(layout.nodeFolder(node.name), 'data')],
  health: bashHealth(node.operationsPort, '/healthz'),
  once: false,
  published: false,
});

const ordererService = (description: NetworkDescription, node: OrdererNode): Service => ({
  ...fabricService(node, layout.ordererFolder(description, node.name)),
  image: 'orderer',
  command: ['orderer'],
  files: [path.join(layout.nodeFolder(node.name), 'orderer.yaml')],
  ports: { orderer: node.port, admin: node.adminPort, operations: node.operationsPort },
  startAfter: {},
  limits: { processors: 1, memory: 1024 },
});

const peerService = (domain: string, node: TopologyNode): Service => ({
  ...fabricService(node, layout.peerFolder(domain, node.name)),
  image: 'peer',
  command: ['peer', 'node', 'start'],
  files: [path.join(layout.nodeFolder(node.name), 'core.yaml'), layout.builderFolder],
  networks: ['medigraph', 'dapps'],
  ports: { peer: node.port, operations: node.operationsPort },
  startAfter: {},
  limits: { processors: 2, memory: 2048 },
});

function chaincodeService(suite: string, places: Places, programs: PlatformPrograms): Service {
  const name = suiteService(suite);
  const port = places.portOf(name);
  return {
    name,
    image: 'platform',
    command: programs.suites[suite] ?? [],
    environment: {
      NODE_ENV: 'production',
      CHAINCODE_SERVER_ADDRESS: `${places.listenHost}:${port}`,
      CHAINCODE_TLS_CERT: path.join(places.folder, layout.serviceTls(name, 'tls.crt')),
      CHAINCODE_TLS_KEY: path.join(places.folder, layout.serviceTls(name, 'tls.key')),
    },
    environmentFile: layout.suiteEnvironment(suite),
    files: [layout.serviceTls(name, 'tls.crt')],
    secrets: [layout.serviceTls(name, 'tls.key')],
    identities: [],
    data: [],
    ports: { chaincode: port },
    health: [...programs.health, `tcp://127.0.0.1:${port}`],
    startAfter: {},
    once: false,
    published: false,
    limits: { processors: 1, memory: 512 },
  };
}

/** Brings channels and chaincode to what the description says; needs everybody's administrators, and ends. */
function provisionService(services: readonly Service[], places: Places, programs: PlatformPrograms): Service {
  return {
    name: initService,
    image: 'platform',
    command: [...programs.provision, places.folder],
    environment: { NODE_ENV: 'production' },
    files: [layout.descriptionFile, layout.placesFile, layout.channelsFolder, layout.serviceAuthority],
    secrets: [],
    identities: [layout.materialFolder],
    data: [],
    ports: {},
    startAfter: Object.fromEntries(services.map(({ name }) => [name, 'healthy'])),
    once: true,
    published: false,
    limits: { processors: 1, memory: 512 },
  };
}

/** Where the provider's own metadata is; it answers once it serves. */
const providerMetadata = '.well-known/openid-configuration';

/** Address by which people know the provider, and tokens name it. */
const issuerOf = ({ signIn }: NetworkDescription, places: Places): string =>
  signIn ?? `http://localhost:${places.portOf(identityService)}`;

function providerService(
  description: NetworkDescription,
  places: Places,
  programs: PlatformPrograms,
): Service {
  const port = places.portOf(identityService);
  const inside = (file: string) => path.join(places.folder, file);
  const issuer = issuerOf(description, places);
  return {
    name: identityService,
    image: 'platform',
    command: programs.identity,
    environment: {
      NODE_ENV: 'production',
      MEDIGRAPH_IDENTITY_HOST: places.listenHost,
      MEDIGRAPH_IDENTITY_PORT: String(port),
      MEDIGRAPH_IDENTITY_DATA: inside(layout.identityData),
      MEDIGRAPH_IDENTITY_KEY_FILE: inside(layout.secrets.identityKey),
      MEDIGRAPH_IDENTITY_ISSUER: issuer,
      MEDIGRAPH_IDENTITY_ADMINISTRATION_FILE: inside(layout.secrets.identityAdministration),
      // Whoever ends TLS in front says whom they speak for.
      MEDIGRAPH_IDENTITY_PROXY: issuer.startsWith('https:') ? '1' : '0',
    },
    files: [],
    secrets: [layout.secrets.identityKey, layout.secrets.identityAdministration],
    identities: [],
    data: [layout.identityData],
    ports: { identity: port },
    health: [...programs.health, `http://127.0.0.1:${port}/${providerMetadata}`],
    startAfter: {},
    once: false,
    published: true,
    limits: { processors: 1, memory: 512 },
  };
}

function graphService(
  description: NetworkDescription,
  places: Places,
  programs: PlatformPrograms,
  documents: string,
): Service {
  const identity = `http://${places.hostOf(identityService)}:${places.portOf(identityService)}`;
  const port = places.portOf(platformService);
  const inside = (file: string) => path.join(places.folder, file);
  return {
    name: platformService,
    image: 'platform',
    command: programs.platform,
    environment: {
      NODE_ENV: 'production',
      MEDIGRAPH_HOST: places.listenHost,
      MEDIGRAPH_PORT: String(port),
      MEDIGRAPH_DATA: inside(layout.platformData),
      MEDIGRAPH_CONNECTION_PROFILE: inside(layout.connectionProfileFile),
      MEDIGRAPH_MASTER_KEY_FILE: inside(layout.secrets.masterKey),
      MONGODB_URI_FILE: inside(layout.secrets.mongodbUri),
      MEDIGRAPH_OIDC_ISSUER: issuerOf(description, places),
      // People know the provider by a name that nothing in here may resolve.
      MEDIGRAPH_OIDC_JWKS_URI: `${identity}/jwks`,
      MEDIGRAPH_DAPP_CLIENTS_URL: identity,
      MEDIGRAPH_DAPP_CLIENTS_SECRET_FILE: inside(layout.secrets.identityAdministration),
    },
    files: [layout.serviceAuthority],
    secrets: [
      layout.connectionProfileFile,
      layout.secrets.masterKey,
      layout.secrets.mongodbUri,
      layout.secrets.identityAdministration,
    ],
    identities: [],
    data: [layout.platformData],
    ports: { graph: port },
    health: [...programs.health, `http://127.0.0.1:${port}/ready`],
    startAfter: { [initService]: 'completed', [documents]: 'completed', [identityService]: 'healthy' },
    once: false,
    published: true,
    limits: { processors: 2, memory: 2048 },
  };
}

/** Versions of DApps that may serve at once, each at a port of its own. */
const dappPorts = 100;

/** Checks DApps for every organisation of the deployment, and runs their contracts: with no way out of its network. */
function stewardService(
  { organizations }: NetworkDescription,
  places: Places,
  programs: PlatformPrograms,
  startAfter: Service['startAfter'],
): Service {
  const first = places.portOf(dappsService);
  const ports = [first, first + dappPorts - 1] as const;
  const health = places.portOf(dappsHealth);
  const inside = (file: string) => path.join(places.folder, file);
  const administrators = organizations.map(({ domain }) => layout.administratorFolder(domain));
  return {
    name: dappsService,
    image: 'platform',
    command: programs.dapps,
    environment: {
      NODE_ENV: 'production',
      MEDIGRAPH_DATA: inside(layout.dappsData),
      MEDIGRAPH_CONNECTION_PROFILE: inside(layout.connectionProfileFile),
      MONGODB_URI_FILE: inside(layout.secrets.mongodbUri),
      MEDIGRAPH_STEWARD_ADMINISTRATORS: organizations
        .map(
          ({ mspId, domain }) => `${mspId}=${inside(path.join(layout.administratorFolder(domain), 'msp'))}`,
        )
        .join(','),
      MEDIGRAPH_DAPPS_LISTEN: places.listenHost,
      MEDIGRAPH_DAPPS_HOST: places.hostOf(dappsService),
      MEDIGRAPH_DAPPS_PORTS: ports.join('-'),
      MEDIGRAPH_DAPPS_TLS: inside(layout.serviceTls(dappsService, '')),
      MEDIGRAPH_DAPPS_HEALTH_PORT: String(health),
    },
    files: [layout.serviceAuthority, layout.serviceTls(dappsService, 'tls.crt')],
    secrets: [
      layout.connectionProfileFile,
      layout.secrets.mongodbUri,
      layout.serviceTls(dappsService, 'tls.key'),
    ],
    identities: administrators,
    data: [layout.dappsData],
    ports: {},
    portRange: ports,
    networks: ['dapps'],
    health: [...programs.health, `http://127.0.0.1:${health}/health`],
    startAfter,
    once: false,
    published: false,
    // Each version has a process of up to 256 MiB with a dozen threads.
    limits: { processors: 2, memory: 4096, processes: 1024 },
  };
}

/** Every service of a deployment of this network, in an order in which they can be started. */
export function servicesOf(
  description: NetworkDescription,
  places: Places,
  programs: PlatformPrograms,
): Service[] {
  const topology: Topology = topologyOf(description, places);
  const network = [
    ...topology.orderer.nodes.map((node) => ordererService(description, node)),
    ...suitesOf(description).map((suite) => chaincodeService(suite, places, programs)),
    ...description.organizations.flatMap(({ domain }, index) =>
      (topology.organizations[index]?.peers ?? []).map((node) => peerService(domain, node)),
    ),
  ];
  const documents = documentServices(places, programs.documents);
  return [
    ...network,
    ...documents,
    ...authorityServices(description, places),
    provisionService(network, places, programs),
    providerService(description, places, programs),
    graphService(description, places, programs, firstDocumentService),
    stewardService(description, places, programs, {
      [initService]: 'completed',
      [firstDocumentService]: 'completed',
    }),
  ];
}

/** The ports of everything in a deployment in which each service has a host of its own. */
export const servicePorts = (description: NetworkDescription): Ports => ({
  ...ownHostPorts(description),
  ...authorityPorts(description, { ...defaultPorts, ...description.ports }),
});

/** Names of every port of a deployment, for those who give each service one of its own. */
export const serviceNames = (description: NetworkDescription): string[] =>
  Object.keys(servicePorts(description));
