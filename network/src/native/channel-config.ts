import { execFile } from 'node:child_process';
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { AdministrationRefusedError, reasonOf } from './errors.js';
import { type OrganizationMaterial, type Topology } from './topology.js';

const run = promisify(execFile);

const signature = (rule: string) => ({ Type: 'Signature', Rule: rule });
const implicit = (rule: string) => ({ Type: 'ImplicitMeta', Rule: rule });
const anyOf = (mspId: string, ...roles: readonly string[]) =>
  signature(`OR(${roles.map((role) => `'${mspId}.${role}'`).join(', ')})`);

const standardPolicies = {
  Readers: implicit('ANY Readers'),
  Writers: implicit('ANY Writers'),
  Admins: implicit('MAJORITY Admins'),
};

const organization = ({ mspId, msp }: OrganizationMaterial) => ({ Name: mspId, ID: mspId, MSPDir: msp });

/** One profile a channel, in the language of `configtxgen`. */
export function configtxOf(topology: Topology): Record<string, unknown> {
  const { orderer, organizations, channels, batch } = topology;
  const ordererSection = {
    OrdererType: 'etcdraft',
    BatchTimeout: `${batch.timeoutMs}ms`,
    BatchSize: {
      MaxMessageCount: batch.maxTransactions,
      AbsoluteMaxBytes: batch.absoluteMaxBytes,
      PreferredMaxBytes: batch.preferredMaxBytes,
    },
    EtcdRaft: {
      Consenters: orderer.nodes.map((node) => ({
        Host: '127.0.0.1',
        Port: node.port,
        ClientTLSCert: node.tlsCertificate,
        ServerTLSCert: node.tlsCertificate,
      })),
      Options: {
        // An election takes one to two seconds; Fabric's own default of five to ten is meant for wide networks.
        TickInterval: '100ms',
        ElectionTick: 10,
        HeartbeatTick: 1,
        MaxInflightBlocks: 5,
        SnapshotIntervalSize: '16 MB',
      },
    },
    Organizations: [
      {
        ...organization(orderer),
        Policies: {
          Readers: anyOf(orderer.mspId, 'member'),
          Writers: anyOf(orderer.mspId, 'member'),
          Admins: anyOf(orderer.mspId, 'admin'),
        },
        OrdererEndpoints: orderer.nodes.map((node) => `127.0.0.1:${node.port}`),
      },
    ],
    Policies: { ...standardPolicies, BlockValidation: implicit('ANY Writers') },
    Capabilities: { V2_0: true },
  };
  const member = (mspId: string) => {
    const found = organizations.find((candidate) => candidate.mspId === mspId);
    return (
      found && {
        ...organization(found),
        Policies: {
          Readers: anyOf(mspId, 'admin', 'peer', 'client'),
          Writers: anyOf(mspId, 'admin', 'client'),
          Admins: anyOf(mspId, 'admin'),
          Endorsement: anyOf(mspId, 'peer'),
        },
        // In the first block, so that organisations find each other's peers without a configuration update.
        AnchorPeers: found.peers.slice(0, 1).map((peer) => ({ Host: '127.0.0.1', Port: peer.port })),
      }
    );
  };
  const profile = (mspIds: readonly string[]) => ({
    Policies: standardPolicies,
    Capabilities: { V3_0: true },
    Orderer: ordererSection,
    Application: {
      Organizations: mspIds.map(member),
      Policies: {
        ...standardPolicies,
        LifecycleEndorsement: implicit('MAJORITY Endorsement'),
        Endorsement: implicit('MAJORITY Endorsement'),
      },
      Capabilities: { V2_5: true },
    },
  });
  return {
    Profiles: Object.fromEntries(channels.map(({ name, organizations: own }) => [name, profile(own)])),
  };
}

/** Where the first block of a channel is kept. */
export const genesisFile = (folder: string, channel: string): string =>
  path.join(folder, 'channels', `${channel}.block`);

/**
 * Makes the first block of every channel that has none yet. A second one would differ, and nodes that joined keep theirs.
 * @throws {@link AdministrationRefusedError} with what configtxgen said.
 */
export async function writeGenesisBlocks(topology: Topology, configtxgen: string): Promise<void> {
  const folder = path.join(topology.folder, 'channels');
  await mkdir(folder, { recursive: true });
  const present = new Set(await readdir(folder));
  const missing = topology.channels.filter(
    ({ name }) => !present.has(path.basename(genesisFile(folder, name))),
  );
  await writeFile(
    path.join(folder, 'configtx.yaml'),
    stringify(configtxOf(topology), { aliasDuplicateObjects: false }),
  );
  await Promise.all(
    missing.map(async ({ name }) => {
      const file = genesisFile(topology.folder, name);
      const unfinished = `${file}.unfinished`;
      const args = ['-profile', name, '-channelID', name, '-outputBlock', unfinished];
      await run(configtxgen, args, { env: { FABRIC_CFG_PATH: folder } }).catch((error: unknown) => {
        throw new AdministrationRefusedError(
          `configtxgen could not make channel ${name}: ${reasonOf(error)}`,
        );
      });
      await rename(unfinished, file);
    }),
  );
}
