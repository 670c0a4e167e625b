import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { generateMaterial } from '../material/generate.js';
import { findProgram } from '../native/binaries.js';
import { sampleDescription } from '../native/testing/sample-network.js';
import { initialChannels } from '../topology/first-blocks.js';
import { onOwnHosts, ownHostPorts } from '../topology/places.js';
import { topologyOf } from '../topology/topology.js';
import { byzantineQuorum } from './consensus.js';
import { firstBlock } from './first-block.js';
import { type ChannelMember, type Consensus, type InitialChannel } from './initial-channel.js';

const run = promisify(execFile);
const configtxgen = await findProgram('configtxgen');
// Without Fabric's own generator on this machine the comparison is reported as skipped.
const describeWithFabric = configtxgen === undefined ? describe['skip'] : describe;

const signature = (rule: string) => ({ Type: 'Signature', Rule: rule });
const implicit = (rule: string) => ({ Type: 'ImplicitMeta', Rule: rule });
const standard = {
  Readers: implicit('ANY Readers'),
  Writers: implicit('ANY Writers'),
  Admins: implicit('MAJORITY Admins'),
};

function memberProfile({ mspId, msp, anchorPeers }: ChannelMember) {
  return {
    Name: mspId,
    ID: mspId,
    MSPDir: msp,
    Policies: {
      Readers: signature(`OR('${mspId}.admin', '${mspId}.peer', '${mspId}.client')`),
      Writers: signature(`OR('${mspId}.admin', '${mspId}.client')`),
      Admins: signature(`OR('${mspId}.admin')`),
      Endorsement: signature(`OR('${mspId}.peer')`),
    },
    AnchorPeers: anchorPeers.map(({ host, port }) => ({ Host: host, Port: port })),
  };
}

/** The same channel in the language of `configtxgen`. */
function profileOf({ members, orderer }: InitialChannel) {
  const { mspId, msp, consenters, batch } = orderer;
  const addresses = consenters.map(({ host, port, tlsCertificate }) => ({
    Host: host,
    Port: port,
    ClientTLSCert: tlsCertificate,
    ServerTLSCert: tlsCertificate,
  }));
  const consensus =
    orderer.consensus === 'etcdraft'
      ? {
          OrdererType: 'etcdraft',
          EtcdRaft: {
            Consenters: addresses,
            Options: {
              TickInterval: '100ms',
              ElectionTick: 10,
              HeartbeatTick: 1,
              MaxInflightBlocks: 5,
              SnapshotIntervalSize: '16 MB',
            },
          },
        }
      : {
          OrdererType: 'BFT',
          ConsenterMapping: addresses.map((address, index) => ({
            ...address,
            ID: index + 1,
            MSPID: mspId,
            Identity: consenters[index]?.certificate,
          })),
          SmartBFT: {
            RequestBatchMaxCount: batch.maxTransactions,
            RequestBatchMaxBytes: batch.preferredMaxBytes,
            RequestBatchMaxInterval: `${batch.timeoutMs}ms`,
            RequestMaxBytes: batch.preferredMaxBytes,
            IncomingMessageBufferSize: 2000,
            RequestPoolSize: 4000,
            RequestForwardTimeout: '1s',
            RequestComplainTimeout: '5s',
            RequestAutoRemoveTimeout: '3m',
            ViewChangeResendInterval: '2s',
            ViewChangeTimeout: '10s',
            LeaderHeartbeatTimeout: '5s',
            LeaderHeartbeatCount: 10,
            CollectTimeout: '1s',
            SyncOnStart: false,
            SpeedUpViewChange: false,
            LeaderRotation: 1,
          },
        };
  return {
    Policies: standard,
    Capabilities: { V3_0: true },
    Orderer: {
      ...consensus,
      BatchTimeout: `${batch.timeoutMs}ms`,
      BatchSize: {
        MaxMessageCount: batch.maxTransactions,
        AbsoluteMaxBytes: batch.absoluteMaxBytes,
        PreferredMaxBytes: batch.preferredMaxBytes,
      },
      Organizations: [
        {
          Name: mspId,
          ID: mspId,
          MSPDir: msp,
          Policies: {
            Readers: signature(`OR('${mspId}.member')`),
            Writers: signature(`OR('${mspId}.member')`),
            Admins: signature(`OR('${mspId}.admin')`),
          },
          OrdererEndpoints: consenters.map(({ host, port }) => `${host}:${port}`),
        },
      ],
      Policies: { ...standard, BlockValidation: implicit('ANY Writers') },
      Capabilities: { V2_0: true },
    },
    Application: {
      Organizations: members.map(memberProfile),
      Policies: {
        ...standard,
        LifecycleEndorsement: implicit('MAJORITY Endorsement'),
        Endorsement: implicit('MAJORITY Endorsement'),
      },
      Capabilities: { V2_5: true },
    },
  };
}

interface Inspected {
  data: { data: { payload: { data: { config: { channel_group: unknown } } } }[] };
}

describeWithFabric('firstBlock', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'medigraph-first-block-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const fabric = async (...args: readonly string[]) => {
    const { stdout } = await run(configtxgen ?? '', args, {
      env: { FABRIC_CFG_PATH: folder },
      maxBuffer: 64 * 1_048_576,
    });
    return stdout;
  };
  const inspect = async (file: string) => {
    const { data } = JSON.parse(await fabric('-inspectBlock', file)) as Inspected;
    return data.data[0]?.payload.data.config.channel_group;
  };

  it.each<[Consensus, string[]]>([
    ['etcdraft', ['orderer0', 'orderer1', 'orderer2']],
    ['smartbft', ['orderer0', 'orderer1', 'orderer2', 'orderer3']],
  ])('says what Fabric’s own generator says, with %s', async (consensus, nodes) => {
    const material = path.join(folder, 'organizations');
    const description = {
      ...sampleDescription,
      orderer: { ...sampleDescription.orderer, nodes, consensus },
    };
    await generateMaterial(description, material);
    const [channel] = initialChannels(
      topologyOf(description, onOwnHosts(folder, material, ownHostPorts(description))),
    );
    if (!channel) throw new Error('the sample has a channel');
    await writeFile(
      path.join(folder, 'configtx.yaml'),
      stringify({ Profiles: { [channel.name]: profileOf(channel) } }, { aliasDuplicateObjects: false }),
    );
    await mkdir(path.join(folder, 'blocks'));
    const [ours, theirs] = ['ours.block', 'theirs.block'].map((name) =>
      path.join(folder, 'blocks', name),
    ) as [string, string];
    await writeFile(ours, await firstBlock(channel));
    await fabric('-profile', channel.name, '-channelID', channel.name, '-outputBlock', theirs);
    expect(await inspect(ours)).toEqual(await inspect(theirs));
  });
});

describe('byzantineQuorum', () => {
  it.each([
    [4, 3],
    [5, 4],
    [6, 4],
    [7, 5],
    [10, 7],
  ])('of %i nodes is %i', (nodes, quorum) => expect(byzantineQuorum(nodes)).toBe(quorum));
});
