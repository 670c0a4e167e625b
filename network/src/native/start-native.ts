import { access, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type FabricBinaries } from './binaries.js';
import { type ChaincodePackage, packageService } from './chaincode-package.js';
import { genesisFile, writeGenesisBlocks } from './channel-config.js';
import { type NativeDescription } from './description.js';
import { NetworkRunningError, NodeFailedError } from './errors.js';
import { writeExternalBuilder } from './external-builder.js';
import { NodeProcess, type NodeProcessOptions } from './node-process.js';
import {
  builderFolder,
  chaincodeProgram,
  type ChaincodeProgram,
  makeFolders,
  ordererPrograms,
  peerPrograms,
} from './nodes.js';
import { assignPorts } from './ports.js';
import { connectionProfileOf } from './profile.js';
import { provision } from './provision.js';
import { removeRunFile, writeRunFile } from './run-file.js';
import { nativeStatus } from './status.js';
import { portNames, type Topology, topologyOf } from './topology.js';

export interface NativeOptions {
  readonly description: NativeDescription;
  /** Everything of the network is below: keys, blocks, state, logs. Made if it is not there; a later start finds all data again. */
  readonly folder: string;
  readonly material: string;
  readonly binaries: FabricBinaries;
  /** How to run each contract suite, by its name in the description. */
  readonly chaincodes: Readonly<Record<string, ChaincodeProgram>>;
}

/** A running native network. */
export interface NativeNetwork {
  /** Path of the platform's connection profile. */
  readonly connectionProfile: string;
  /** Resolves with the reason when a node ends by itself. */
  readonly failed: Promise<string>;
  stop(): Promise<void>;
}

const chaincodePort = (suite: string) => `chaincode/${suite}`;

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** The processes of a network, stopped in the reverse order of their starts. */
class Processes {
  readonly #topology: Topology;
  readonly #connectionProfile: string;
  readonly #groups: NodeProcess[][] = [];
  readonly #programs = new Map<NodeProcess, NodeProcessOptions>();
  #stopping = false;
  #fail!: (reason: string) => void;
  readonly failed: Promise<string>;

  constructor(topology: Topology, connectionProfile: string) {
    this.#topology = topology;
    this.#connectionProfile = connectionProfile;
    this.failed = new Promise((resolve) => (this.#fail = resolve));
  }

  /** Starts programs that do not need each other; they are recorded in the run file before anything else happens. */
  async start(programs: readonly NodeProcessOptions[]): Promise<void> {
    const group: NodeProcess[] = [];
    this.#groups.push(group);
    const results = await Promise.allSettled(
      programs.map(async (program) => {
        const node = await NodeProcess.start(program);
        group.push(node);
        this.#programs.set(node, program);
        void node.ended.then((how) => {
          if (!this.#stopping) this.#fail(`${node.name} ${how}; see ${program.logFile}`);
        });
      }),
    );
    await this.#record();
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const group of [...this.#groups].reverse()) await Promise.all(group.map((node) => node.stop()));
    await removeRunFile(this.#topology.folder);
  }

  async #record(): Promise<void> {
    await writeRunFile(this.#topology.folder, {
      startedAt: new Date().toISOString(),
      connectionProfile: this.#connectionProfile,
      nodes: [...this.#programs].map(([{ name, pid, port }, { logFile }]) => ({ name, pid, port, logFile })),
    });
  }
}

/**
 * Starts a real Fabric network as plain processes on loopback and resolves once every member of every channel can submit.
 * @throws {@link NetworkRunningError}, {@link NodeFailedError}, … (see errors.ts); whatever was started is stopped again.
 */
export async function startNative(options: NativeOptions): Promise<NativeNetwork> {
  const { description, binaries, chaincodes } = options;
  const folder = path.resolve(options.folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const running = (await nativeStatus(folder)).filter((node) => node.running);
  if (running.length > 0) {
    throw new NetworkRunningError(`${running.length} nodes of ${folder} run already; stop them first.`);
  }
  const suites = Object.keys(chaincodes);
  const ports = await assignPorts(folder, [...portNames(description), ...suites.map(chaincodePort)]);
  const topology = topologyOf(description, folder, options.material, ports);
  await makeFolders(topology);
  await writeExternalBuilder(builderFolder(topology));
  const missing: string[] = [];
  for (const { name } of topology.channels)
    if (!(await exists(genesisFile(folder, name)))) missing.push(name);
  await writeGenesisBlocks(
    { ...topology, channels: topology.channels.filter(({ name }) => missing.includes(name)) },
    binaries.configtxgen,
  );

  const connectionProfile = path.join(folder, 'connection-profile.json');
  const profile = JSON.stringify(await connectionProfileOf(topology), null, 2);
  await writeFile(connectionProfile, profile, { mode: 0o600 });

  const packages = new Map<string, ChaincodePackage>();
  const services: NodeProcessOptions[] = [];
  for (const [suite, program] of Object.entries(chaincodes)) {
    const port = ports[chaincodePort(suite)] ?? 0;
    const chaincode = await packageService(suite, `127.0.0.1:${port}`);
    packages.set(suite, chaincode);
    services.push(chaincodeProgram(topology, suite, program, port, chaincode.id));
  }

  const processes = new Processes(topology, connectionProfile);
  try {
    await processes.start([...(await ordererPrograms(topology, binaries)), ...services]);
    await processes.start(await peerPrograms(topology, binaries));
    await Promise.race([
      provision(topology, packages),
      processes.failed.then((reason) => Promise.reject(new NodeFailedError(reason))),
    ]);
  } catch (error) {
    await processes.stop();
    throw error;
  }
  return { connectionProfile, failed: processes.failed, stop: () => processes.stop() };
}
