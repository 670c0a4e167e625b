import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type NetworkDescription, type OnStep, readNetworkDescription } from '@medigraph/network';
import {
  type AuthorityProgram,
  findFabricBinaries,
  findProgram,
  nativeStatus,
  startNative,
} from '@medigraph/network/native';
import { entryOf, suiteEntries } from '../contract-suites.js';
import { DataFolder } from '../data-folder.js';
import { embeddedParts, startEmbedded } from '../embedded-network.js';
import { LogFiles } from '../log-files.js';
import { Supervisor } from '../supervisor.js';
import { type NetworkKind } from './network-run.js';

/** A network with the contract suites on it and no platform above. */
export interface StandingNetwork {
  readonly connectionProfile: string;
  /** Of the embedded documents; a native network has none of its own. */
  readonly mongodbUri?: string;
  /** Resolves with the reason when the network cannot be kept running. */
  readonly failed: Promise<string>;
  /** Brings it to a description that has grown. @throws {@link NetworkChangeRefusedError} if it would have to shrink. */
  apply(description: NetworkDescription, onStep: OnStep): Promise<void>;
  readonly parts: () => Promise<readonly { readonly name: string; readonly pid: number }[]>;
  stop(): Promise<void>;
}

interface BringUpOptions {
  readonly folder: string;
  /** The description of the network; the one that Medigraph ships unless named. */
  readonly networkFile?: string;
  /** Something that an operator wants to know while it runs, such as a restart of a part. */
  readonly onNotice: (message: string) => void;
}

async function bringUpEmbedded({ folder, networkFile, onNotice }: BringUpOptions): Promise<StandingNetwork> {
  const data = new DataFolder(folder);
  const logs = await LogFiles.open(data.logs, embeddedParts);
  const supervisor = new Supervisor(onNotice);
  const stop = async () => {
    await supervisor.stop();
    await logs.close();
  };
  try {
    const { apply, ...addresses } = await startEmbedded(supervisor, data, logs, { networkFile });
    return {
      ...addresses,
      apply: async (description, onStep) => apply?.(description, supervisor, onStep),
      failed: supervisor.failed,
      parts: () =>
        Promise.resolve(
          supervisor.parts.flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name, pid }])),
        ),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A real Fabric CA server where there is one, else the embedded CA. */
async function authorityProgram(onNotice: (message: string) => void): Promise<AuthorityProgram> {
  const fabricCaServer = await findProgram('fabric-ca-server');
  if (fabricCaServer !== undefined) return { fabricCaServer };
  onNotice('fabric-ca-server is neither in FABRIC_BIN nor on PATH: the embedded CA serves the authorities.');
  const args = ['--no-warnings', entryOf('@medigraph/embedded-ca/server')];
  return { embedded: { command: process.execPath, args } };
}

async function bringUpNative({ folder, networkFile, onNotice }: BringUpOptions): Promise<StandingNetwork> {
  const binaries = await findFabricBinaries();
  const network = await startNative({
    description: await readNetworkDescription(networkFile),
    folder,
    binaries,
    onNotice,
    authorities: await authorityProgram(onNotice),
    chaincodes: Object.fromEntries(
      Object.entries(suiteEntries).map(([suite, entry]) => [
        suite,
        { command: process.execPath, args: ['--no-warnings', entry] },
      ]),
    ),
  });
  return { ...network, parts: () => nativeStatus(folder), stop: () => network.stop() };
}

const ways: Readonly<Record<NetworkKind, (options: BringUpOptions) => Promise<StandingNetwork>>> = {
  embedded: bringUpEmbedded,
  native: bringUpNative,
};

/** Starts a network of this kind on its folder; all data of an earlier run is found again. */
export async function bringUp(kind: NetworkKind, options: BringUpOptions): Promise<StandingNetwork> {
  const folder = path.resolve(options.folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return ways[kind]({ ...options, folder });
}
