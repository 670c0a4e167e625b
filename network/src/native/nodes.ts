import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { type FabricBinaries } from './binaries.js';
import { type NodeProcessOptions } from './node-process.js';
import { ordererConfigOf } from './orderer-config.js';
import { peerConfigOf } from './peer-config.js';
import { type Topology, type TopologyNode } from '../topology/topology.js';

/** A contract suite that runs as a service: the program is told where to listen and as what through its environment. */
export interface ChaincodeProgram {
  readonly command: string;
  readonly args: readonly string[];
  /** On top of `CHAINCODE_SERVER_ADDRESS` and `CHAINCODE_ID`. */
  readonly env?: Readonly<Record<string, string>>;
}

export const builderFolder = (topology: Topology): string => path.join(topology.folder, 'builder');

const inherited = (): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: process.env['HOME'] ?? '',
});

const logFileOf = (topology: Topology, name: string): string =>
  path.join(topology.folder, 'logs', `${name}.log`);

/** Folders of the network that hold more than one node's files. */
export async function makeFolders(topology: Topology): Promise<void> {
  for (const folder of ['logs', 'nodes'])
    await mkdir(path.join(topology.folder, folder), { recursive: true });
}

async function fabricNode(
  topology: Topology,
  node: TopologyNode,
  file: string,
  config: Record<string, unknown>,
  command: string,
  args: readonly string[],
): Promise<NodeProcessOptions> {
  await mkdir(path.join(node.folder, 'data'), { recursive: true, mode: 0o700 });
  await writeFile(path.join(node.folder, file), stringify(config, { aliasDuplicateObjects: false }));
  return {
    name: node.name,
    command,
    args,
    env: {
      ...inherited(),
      FABRIC_CFG_PATH: node.folder,
      FABRIC_LOGGING_SPEC: process.env['FABRIC_LOGGING_SPEC'] ?? 'info',
    },
    folder: node.folder,
    logFile: logFileOf(topology, node.name),
    port: node.port,
  };
}

/** Writes the configuration of every ordering node and says how to run it. */
export function ordererPrograms(topology: Topology, binaries: FabricBinaries): Promise<NodeProcessOptions[]> {
  return Promise.all(
    topology.orderer.nodes.map((node) =>
      fabricNode(
        topology,
        node,
        'orderer.yaml',
        ordererConfigOf(node, topology.mutualTls),
        binaries.orderer,
        [],
      ),
    ),
  );
}

/** Writes the configuration of every peer and says how to run it. */
export function peerPrograms(topology: Topology, binaries: FabricBinaries): Promise<NodeProcessOptions[]> {
  const builder = builderFolder(topology);
  return Promise.all(
    topology.organizations.flatMap(({ peers }) =>
      peers.map((node) => {
        const siblings = peers.filter((other) => other !== node);
        const config = peerConfigOf(node, { builder, siblings, mutualTls: topology.mutualTls });
        return fabricNode(topology, node, 'core.yaml', config, binaries.peer, ['node', 'start']);
      }),
    ),
  );
}

/** How to run a contract suite under the package id by which peers will call it. */
export function chaincodeProgram(
  topology: Topology,
  suite: string,
  program: ChaincodeProgram,
  port: number,
  packageId: string,
): NodeProcessOptions {
  return {
    name: suite,
    command: program.command,
    args: program.args,
    env: {
      ...inherited(),
      ...program.env,
      CHAINCODE_SERVER_ADDRESS: `127.0.0.1:${port}`,
      CHAINCODE_ID: packageId,
    },
    folder: topology.folder,
    logFile: logFileOf(topology, suite),
    port,
  };
}
