import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { authoritiesOf } from '../certificate-authorities.js';
import { connectionProfileOf } from '../connection-profile.js';
import { type NetworkDescription } from '../description.js';
import { type ChaincodePackage, packageService } from '../admin/chaincode-package.js';
import { rememberDescription } from '../growth/described.js';
import { type OnStep } from '../growth/grow-channel.js';
import { generateMaterial, generateOrganization } from '../material/generate.js';
import { type FabricBinaries } from './binaries.js';
import { authorityPorts, type AuthorityProgram, authorityServers } from './ca-servers.js';
import { NativeConfigurationError, NetworkRunningError, NodeFailedError } from './errors.js';
import { writeExternalBuilder } from './external-builder.js';
import { writeFirstBlocks } from '../topology/first-blocks.js';
import { type NodeProcessOptions } from './node-process.js';
import {
  builderFolder,
  chaincodeProgram,
  type ChaincodeProgram,
  makeFolders,
  ordererPrograms,
  peerPrograms,
} from './nodes.js';
import { assignPorts } from './ports.js';
import { Processes } from './processes.js';
import { provision } from './provision.js';
import { nativeStatus } from './status.js';
import { endpointsOf } from '../topology/endpoints.js';
import { onLoopback, portNames, type Ports } from '../topology/places.js';
import { type Topology, topologyOf } from '../topology/topology.js';

export interface NativeOptions {
  readonly description: NetworkDescription;
  /** Everything of the network is below: keys, blocks, state, logs. Made if it is not there; a later start finds all data again. */
  readonly folder: string;
  readonly binaries: FabricBinaries;
  /** How to run each contract suite, by its name in the description. */
  readonly chaincodes: Readonly<Record<string, ChaincodeProgram>>;
  /** What serves the authorities of the description; they are not served if absent. */
  readonly authorities?: AuthorityProgram;
  /** Hears what an operator wants to know while it runs, such as a restart of a node. */
  readonly onNotice?: (message: string) => void;
}

/** A running native network. */
export interface NativeNetwork {
  /** Path of the platform's connection profile. */
  readonly connectionProfile: string;
  /** Resolves with the reason when a node was stopped by somebody else, or crashes again and again. */
  readonly failed: Promise<string>;
  /** Kills a node, by name, as a crash of its machine would; it stays down until it is brought back. */
  takeDown(node: string): Promise<void>;
  /** Starts a node that was taken down; resolves once it serves. */
  bringBack(node: string): Promise<void>;
  /**
   * Brings the network to a description that has grown: starts what is new, changes the channels' configuration, joins and
   * deploys. What is so already is left alone, so what was interrupted is taken up again.
   * @throws {@link NetworkChangeRefusedError} if the network would have to shrink.
   */
  apply(description: NetworkDescription, onStep: OnStep): Promise<void>;
  stop(): Promise<void>;
}

const chaincodePort = (suite: string) => `chaincode/${suite}`;

/**
 * Refuses what would fail later in a way that does not name its cause.
 * @throws {@link NativeConfigurationError}
 */
function checkSuites({ channels }: Topology, chaincodes: NativeOptions['chaincodes']): void {
  for (const { suite } of channels.flatMap(({ suites }) => suites)) {
    if (!(suite in chaincodes)) {
      throw new NativeConfigurationError(`No program was given for contract suite ${suite}.`);
    }
  }
}

/** A package of each suite under the address at which it will serve, and how to serve it. */
async function suitesOf(topology: Topology, chaincodes: NativeOptions['chaincodes'], ports: Ports) {
  const packages = new Map<string, ChaincodePackage>();
  const services: NodeProcessOptions[] = [];
  for (const [suite, program] of Object.entries(chaincodes)) {
    const port = ports[chaincodePort(suite)] ?? 0;
    const chaincode = await packageService(suite, `127.0.0.1:${port}`);
    packages.set(suite, chaincode);
    services.push(chaincodeProgram(topology, suite, program, port, chaincode.id));
  }
  return { packages, services };
}

/** Makes everything that a network of this description needs on the disk and does not have. */
async function prepare(options: NativeOptions, folder: string) {
  const { description, binaries, chaincodes } = options;
  const material = path.join(folder, 'organizations');
  const ports = await assignPorts(folder, [
    ...portNames(description),
    ...Object.keys(chaincodes).map(chaincodePort),
    ...authorityPorts(authoritiesOf(description)),
  ]);
  const topology = topologyOf(description, onLoopback(folder, material, ports));
  checkSuites(topology, chaincodes);
  await rememberDescription(description, folder);
  await generateMaterial(description, material);
  for (const organization of description.organizations)
    await generateOrganization(description, organization, material);
  await makeFolders(topology);
  await writeExternalBuilder(builderFolder(topology));
  await writeFirstBlocks(topology);
  const authorities =
    options.authorities && (await authorityServers(description, folder, ports, options.authorities));
  const profile = await connectionProfileOf(
    description,
    material,
    await endpointsOf(topology),
    authorities?.urls,
  );
  await writeFile(profileIn(folder), JSON.stringify(profile, null, 2), { mode: 0o600 });
  const { packages, services } = await suitesOf(topology, chaincodes, ports);
  return {
    topology,
    packages,
    /** The authorities that one process serves together, which reads them at its start. */
    shared: authorities?.programs.filter(({ name }) => name === 'ca') ?? [],
    first: [...(await ordererPrograms(topology, binaries)), ...services, ...(authorities?.programs ?? [])],
    peers: await peerPrograms(topology, binaries),
  };
}

const profileIn = (folder: string) => path.join(folder, 'connection-profile.json');

/**
 * Starts a real Fabric network as plain processes on loopback and resolves once every member of every channel can submit.
 * @throws {@link NetworkRunningError}, {@link NodeFailedError}, … (see errors.ts); whatever was started is stopped again.
 */
export async function startNative(options: NativeOptions): Promise<NativeNetwork> {
  const folder = path.resolve(options.folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const running = (await nativeStatus(folder)).filter((node) => node.running);
  if (running.length > 0) {
    throw new NetworkRunningError(`${running.length} nodes of ${folder} run already; stop them first.`);
  }
  const connectionProfile = profileIn(folder);
  const processes = new Processes({
    folder,
    connectionProfile,
    onNotice: options.onNotice ?? (() => undefined),
  });
  const orFailure = (work: Promise<void>) =>
    Promise.race([work, processes.failed.then((reason) => Promise.reject(new NodeFailedError(reason)))]);
  const { topology, packages, first, peers } = await prepare(options, folder);
  try {
    await processes.start(first);
    await processes.start(peers);
    await orFailure(provision(topology, packages));
  } catch (error) {
    await processes.stop();
    throw error;
  }
  return {
    connectionProfile,
    failed: processes.failed,
    takeDown: (node) => processes.takeDown(node),
    bringBack: (node) => processes.bringBack(node),
    async apply(description, onStep) {
      const grown = await prepare({ ...options, description }, folder);
      const started = [
        ...(await processes.startMissing(grown.first)),
        ...(await processes.startMissing(grown.peers)),
      ];
      for (const name of started) onStep(`${name}: starts`);
      if (started.length > 0) {
        for (const { name } of grown.shared.filter((each) => !started.includes(each.name))) {
          onStep(`${name}: starts anew with what is described`);
          await processes.takeDown(name);
          await processes.bringBack(name);
        }
      }
      await orFailure(provision(grown.topology, grown.packages, onStep));
    },
    stop: () => processes.stop(),
  };
}
