import { discovery, gateway, orderer, peer } from '@hyperledger/fabric-protos';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Channel, type Channels } from './channel.js';
import { ChannelRegistry } from './channels/channel-registry.js';
import { PeerChannels } from './channels/peer-channels.js';
import { MspCache } from './config/msp-cache.js';
import { chaincodeEvents } from './deliver/chaincode-events.js';
import {
  deliver,
  ordererBlocks,
  peerBlocks,
  peerBlocksWithPrivateData,
  peerFilteredBlocks,
} from './deliver/deliver.js';
import { DiscoveryService } from './discovery/discovery-service.js';
import { ConfigurationError } from './errors.js';
import { Endorser } from './endorser/endorser.js';
import { type ChaincodeHost } from './endorser/invocation.js';
import { unpackProposal, UnreadableProposalError, type UnpackedProposal } from './endorser/proposal.js';
import { Gateway } from './gateway/gateway.js';
import { type KnownPeer } from './gateway/known-peer.js';
import { ConcurrencyLimit, requestsOf, RpcServer, writeTo } from './grpc.js';
import { silentLog, type Log } from './log.js';
import { LifecycleChaincode } from './lifecycle/lifecycle-chaincode.js';
import { LocalChaincodes } from './lifecycle/local-chaincodes.js';
import { OrganizationApprovals } from './lifecycle/organization-approvals.js';
import { MspManager } from './msp/msp-manager.js';
import { Msp } from './msp/msp.js';
import { SigningIdentity } from './msp/signing-identity.js';
import { type LedgerNetwork } from './network.js';
import { readTlsMaterial } from './tls/tls-material.js';
import { AdminServer } from './orderer/admin-server.js';
import { ChannelParticipation } from './orderer/participation.js';
import { OrderingService } from './orderer/ordering-service.js';
import { InstalledPackages } from './packages/installed-packages.js';
import { PackageConnections } from './packages/package-connections.js';
import { ConfigChaincode } from './system/config-chaincode.js';
import { QueryChaincode } from './system/query-chaincode.js';
import { verifyChain, type ChannelVerification } from './verification/verify-channel.js';
import { BroadcastResponse } from './wire/services.js';
import { ProposalResponse } from './wire/transaction.js';

export interface LedgerOptions {
  readonly network: LedgerNetwork;
  /** Folder for the ledgers, one store a channel. */
  readonly dataFolder: string;
  /**
   * `host:port` of chaincode servers, by label or id of their packages: where they serve, if not where the package says.
   */
  readonly chaincodes?: Readonly<Record<string, string>>;
  /** Time that a transaction may take in a chaincode; 30 s by default. */
  readonly executeTimeoutMs?: number;
  /** Time to wait for a chaincode that is starting or restarting; 3 s by default. */
  readonly chaincodeStartTimeoutMs?: number;
  /** Calls at a time, for each peer and service; as Fabric's defaults. */
  readonly limits?: { readonly gateway?: number; readonly endorser?: number; readonly deliver?: number };
  readonly log?: Log;
}

/** A running embedded network. */
export interface Ledger {
  /** `host:port` of the first peer of each organisation, by MSP id. */
  readonly peers: Readonly<Record<string, string>>;
  /** `host:port` of the first orderer. */
  readonly orderer: string;
  /** `host:port` at which the orderers are administered, if they are. */
  readonly admin?: string;
  /** `host:port` of every peer and orderer, by name in the description. */
  readonly nodes: Readonly<Record<string, string>>;
  /** Number of blocks of each channel. */
  heights(): Record<string, number>;
  /** Channels that can commit no more because a block could not be written, with the reason. */
  failures(): Record<string, string>;
  /** Checks hash chain, data hashes and orderer's signatures of every block of every channel. */
  verify(): Promise<ChannelVerification[]>;
  /** Commits what was ordered, then stops. */
  close(): Promise<void>;
}

/** Beside the channels' folders; no channel has such a name. */
const packagesFolder = '_packages';

const defaultLimits = { gateway: 500, endorser: 2500, deliver: 2500 };

/** Starts peers, gateways and orderer. @throws `ConfigurationError`, `LedgerCorruptError`, `LedgerUnavailableError`. */
export async function startLedger(options: LedgerOptions): Promise<Ledger> {
  const closers: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return await start(options, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  options: LedgerOptions,
  closers: (() => Promise<void> | void)[],
  close: () => Promise<void>,
): Promise<Ledger> {
  const { network, dataFolder, log = silentLog } = options;
  await mkdir(dataFolder, { recursive: true });
  const msps = new Map<string, Msp>();
  for (const [mspId, { msp }] of Object.entries(network.organizations))
    msps.set(mspId, await Msp.open(mspId, msp));
  const ordererMsp = await Msp.open(network.orderer.mspId, network.orderer.msp);
  const ordererSigners: SigningIdentity[] = [];
  for (const node of Object.values(network.orderer.nodes))
    ordererSigners.push(await SigningIdentity.open(ordererMsp, node.msp, 'orderer'));
  const [ordererSigner] = ordererSigners;
  if (ordererSigner === undefined) throw new ConfigurationError('there is no orderer');

  const mspCache = new MspCache();
  const channels = new ChannelRegistry({ folder: dataFolder, msps: mspCache });
  closers.push(() => channels.close());
  await openChannels(channels, network);
  const ordering = new OrderingService({
    signer: ordererSigner,
    msps: mspCache,
    log,
    mostBatchTimeoutMs: network.orderer.mostBatchTimeoutMs,
  });
  for (const channel of channels.values()) if (channels.isOrdered(channel.name)) ordering.add(channel);
  closers.push(() => ordering.close());

  const servers: RpcServer[] = [];
  // Peers stop first, so that nothing new comes while the orderer writes what it has.
  closers.push(() => servers.forEach((server) => server.close()));
  const limits = { ...defaultLimits, ...options.limits };
  const nodes: Record<string, string> = {};
  const allTlsRoots = [...msps.values(), ordererMsp].flatMap(tlsRootsOf);
  for (const [name, node] of Object.entries(network.orderer.nodes)) {
    const server = new RpcServer(log);
    servers.push(server);
    addOrderer(server, ordering, limits.deliver);
    nodes[name] = await server.listen(
      node.address,
      node.tls && (await readTlsMaterial(node.tls, allTlsRoots)),
    );
  }
  const admin = await startAdmin(network, new ChannelParticipation(channels, ordering), closers);
  const orderers = Object.entries(network.orderer.nodes).map(([name, { advertised }]) => ({
    mspId: network.orderer.mspId,
    address: advertised ?? nodes[name] ?? '',
  }));

  const firstOf = (named: Readonly<Record<string, unknown>>) => nodes[Object.keys(named)[0] ?? ''] ?? '';
  const peersOf = (mspId: string) => Object.keys(network.organizations[mspId]?.peers ?? {}).length;
  const peers: KnownPeer[] = [];
  for (const [mspId, organization] of Object.entries(network.organizations)) {
    const msp = msps.get(mspId);
    if (msp === undefined) continue;
    for (const [name, node] of Object.entries(organization.peers)) {
      const own = new PeerChannels(channels, name, mspId);
      const signer = await SigningIdentity.open(msp, node.msp, 'peer');
      const host = await hostOf(msp, channels, own, options, log, closers);
      const endorser = new Endorser({ ...host, signer, localMembers: new MspManager([msp]), peersOf });
      const server = new RpcServer(log);
      servers.push(server);
      const known: { -readonly [K in keyof KnownPeer]: KnownPeer[K] } = {
        mspId,
        address: node.address,
        endorser,
        identity: signer.identity,
      };
      peers.push(known);
      const local = new Gateway({ local: known, peers, channels: own, orderers, ordering });
      addPeer(server, endorser, local, own, limits);
      const directory = new DiscoveryService({ local: known, msp, peers, channels: own, orderers });
      server.add(
        discovery.DiscoveryService,
        { discover: { unary: (request) => Promise.resolve(directory.discover(request)) } },
        new ConcurrencyLimit('/discovery.Discovery', Infinity),
      );
      const served = await server.listen(
        node.address,
        node.tls && (await readTlsMaterial(node.tls, tlsRootsOfMembers(own.values()))),
      );
      nodes[name] = served;
      known.address = node.advertised ?? served;
    }
  }

  return {
    peers: Object.fromEntries(
      Object.entries(network.organizations).map(([mspId, own]) => [mspId, firstOf(own.peers)]),
    ),
    orderer: firstOf(network.orderer.nodes),
    ...(admin !== undefined && { admin }),
    nodes,
    heights: () => Object.fromEntries(channels.values().map(({ name, store }) => [name, store.height])),
    failures: () =>
      Object.fromEntries(
        channels
          .values()
          .flatMap(({ name, feed }) =>
            feed.failure === undefined ? [] : [[name, `${feed.failure.code}: ${feed.failure.message}`]],
          ),
      ),
    verify: () => Promise.all(channels.values().map((channel) => verifyChain(channel, mspCache))),
    close,
  };
}

/** The channel participation API, if the description has one. All orderers are in this process, so there is one for all. */
async function startAdmin(
  { orderer: { admin } }: LedgerNetwork,
  participation: ChannelParticipation,
  closers: (() => Promise<void> | void)[],
): Promise<string | undefined> {
  if (admin === undefined) return undefined;
  const tls = admin.tls && (await readTlsMaterial(admin.tls));
  const server = new AdminServer((request, response) => void participation.serve(request, response), tls);
  closers.push(() => server.close());
  return server.listen(admin.address);
}

const tlsRootsOf = ({ configuration }: Msp): Buffer[] => [
  ...configuration.tlsRootCerts,
  ...configuration.tlsIntermediateCerts,
];

/** TLS authorities of all organisations of a peer's channels. */
function tlsRootsOfMembers(channels: readonly Channel[]): Buffer[] {
  const members = channels.flatMap(({ config }) => [...config.organizations.values()].map(({ msp }) => msp));
  return [...new Set(members)].flatMap(tlsRootsOf);
}

/** Opens the channels of the description, and those that nodes have joined since. */
async function openChannels(channels: ChannelRegistry, network: LedgerNetwork): Promise<void> {
  for (const [name, { genesis, organizations }] of Object.entries(network.channels)) {
    const peers = organizations.flatMap((mspId) => Object.keys(network.organizations[mspId]?.peers ?? {}));
    await channels.openDescribed(name, genesis, peers);
  }
  await channels.openJoined();
}

/** What one peer can run; it is connected to its chaincodes as soon as they are agreed on. */
async function hostOf(
  msp: Msp,
  registry: ChannelRegistry,
  channels: PeerChannels,
  { dataFolder, chaincodes: addresses = {}, ...options }: LedgerOptions,
  log: Log,
  closers: (() => Promise<void> | void)[],
): Promise<ChaincodeHost> {
  const { mspId } = msp;
  const packages = await InstalledPackages.open(path.join(dataFolder, packagesFolder, channels.peer));
  const connections = new PackageConnections({
    mspId,
    addresses,
    executeTimeoutMs: options.executeTimeoutMs ?? 30_000,
    startTimeoutMs: options.chaincodeStartTimeoutMs ?? 3_000,
    log,
  });
  closers.push(() => connections.close());
  const chaincodes = new LocalChaincodes(new OrganizationApprovals(mspId), packages, connections);
  channels.onJoin((channel) => {
    channel.chaincodes.onChange(() => chaincodes.connect(channels));
    chaincodes.connect(channels);
  });
  const system = [
    new LifecycleChaincode({ msp, channels, packages, chaincodes }),
    new QueryChaincode(channels),
    new ConfigChaincode({ peer: channels.peer, msp, registry, channels }),
  ];
  return { mspId, channels, chaincodes, systemChaincodes: new Map(system.map((each) => [each.name, each])) };
}

function addPeer(
  server: RpcServer,
  endorser: Endorser,
  local: Gateway,
  channels: Channels,
  limits: Required<NonNullable<LedgerOptions['limits']>>,
): void {
  server.add(
    gateway.GatewayService,
    {
      evaluate: { unary: (request) => local.evaluate(request) },
      endorse: { unary: (request) => local.endorse(request) },
      submit: { unary: async (request) => local.submit(request) },
      commitStatus: { unary: (request, ended) => local.commitStatus(request, ended) },
      chaincodeEvents: {
        stream: (request, call, signal) => chaincodeEvents(channels, request, call, signal),
      },
    },
    new ConcurrencyLimit('/gateway.Gateway', limits.gateway),
  );
  server.add(
    peer.EndorserService,
    {
      processProposal: {
        async unary(request) {
          const outcome = await endorser.process(readProposal(request));
          if ('refused' in outcome) throw new Error(outcome.refused);
          return ProposalResponse.encode(outcome.response);
        },
      },
    },
    new ConcurrencyLimit('/protos.Endorser', limits.endorser),
  );
  server.add(
    peer.DeliverService,
    {
      deliver: { duplex: (call, signal, caller) => deliver(channels, call, peerBlocks, signal, caller) },
      deliverFiltered: {
        duplex: (call, signal, caller) => deliver(channels, call, peerFilteredBlocks, signal, caller),
      },
      deliverWithPrivateData: {
        duplex: (call, signal, caller) =>
          deliver(channels, call, peerBlocksWithPrivateData(endorser.mspId), signal, caller),
      },
    },
    new ConcurrencyLimit('/protos.Deliver', limits.deliver),
  );
}

/** Reads a proposal that comes straight to the endorser, through the filters in front of it. */
function readProposal(request: Buffer): UnpackedProposal {
  try {
    return unpackProposal(request);
  } catch (error) {
    if (!(error instanceof UnreadableProposalError)) throw error;
    throw new Error(`failed parsing ${error.part}: ${error.message}`, { cause: error });
  }
}

function addOrderer(server: RpcServer, ordering: OrderingService, limit: number): void {
  server.add(
    orderer.AtomicBroadcastService,
    {
      broadcast: {
        async duplex(call, signal) {
          for await (const envelope of requestsOf(call)) {
            const answer = await ordering.broadcast(envelope);
            await writeTo(call, BroadcastResponse.encode(answer), signal);
            if (answer.status !== 200) return;
          }
        },
      },
      deliver: { duplex: (call, signal, caller) => deliver(ordering, call, ordererBlocks, signal, caller) },
    },
    new ConcurrencyLimit('/orderer.AtomicBroadcast', limit),
  );
}
