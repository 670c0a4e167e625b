import { type HostPort } from '../channel/initial-channel.js';
import { builderName } from './external-builder.js';
import { type TopologyNode } from '../topology/topology.js';

const megabyte = 1_048_576;

/** What a peer's configuration says beside the peer itself. */
export interface PeerSurroundings {
  /** Folder of the builder for chaincode as a service. */
  readonly builder: string;
  /** Other peers of its organisation, which it looks for first. */
  readonly siblings: readonly HostPort[];
  /** True if clients must show a certificate. */
  readonly mutualTls: boolean;
}

/**
 * `core.yaml` of one peer: TLS, LevelDB state, no Docker. Everything that Fabric has no built-in default for is named
 * here, so no sample configuration is needed beside the binaries.
 */
export function peerConfigOf(
  node: TopologyNode,
  { builder, siblings, mutualTls: clientAuthRequired }: PeerSurroundings,
): Record<string, unknown> {
  const address = `${node.host}:${node.port}`;
  const bootstrap = siblings.map(({ host, port }) => `${host}:${port}`);
  const tlsCas = { files: [node.tlsCa] };
  return {
    peer: {
      id: node.name,
      networkId: 'medigraph',
      listenAddress: `${node.listenHost}:${node.port}`,
      address,
      chaincodeListenAddress: '127.0.0.1:0',
      gateway: { enabled: true, endorsementTimeout: '30s', broadcastTimeout: '30s', dialTimeout: '2m' },
      keepalive: {
        interval: '7200s',
        timeout: '20s',
        // Gateways of other peers ping every 10 s; with Fabric's default of 60 they would be cut off again and again.
        minInterval: '5s',
        client: { interval: '60s', timeout: '20s' },
        deliveryClient: { interval: '60s', timeout: '20s' },
      },
      gossip: {
        bootstrap: bootstrap.length > 0 ? bootstrap.join(' ') : address,
        externalEndpoint: address,
        endpoint: address,
        useLeaderElection: false,
        orgLeader: true,
        // Peers start within seconds of each other: look for the late ones every second instead of every 25.
        reconnectInterval: '1s',
        aliveTimeInterval: '1s',
        aliveExpirationTimeout: '10s',
        publishStateInfoInterval: '1s',
        requestStateInfoInterval: '1s',
        membershipTrackerInterval: '1s',
        pvtData: {
          pullRetryThreshold: '5s',
          transientstoreMaxBlockRetention: 1000,
          pushAckTimeout: '3s',
          btlPullMargin: 10,
          reconcileBatchSize: 10,
          reconcileSleepInterval: '10s',
          reconciliationEnabled: true,
          implicitCollectionDisseminationPolicy: { requiredPeerCount: 0, maxPeerCount: 1 },
        },
        state: { enabled: false },
      },
      tls: {
        enabled: true,
        clientAuthRequired,
        cert: { file: node.tlsCertificate },
        key: { file: node.tlsKey },
        rootcert: { file: node.tlsCa },
        clientRootCAs: tlsCas,
      },
      authentication: { timewindow: '15m' },
      fileSystemPath: `${node.folder}/data`,
      BCCSP: { Default: 'SW', SW: { Hash: 'SHA2', Security: 256 } },
      mspConfigPath: node.msp,
      localMspId: node.mspId,
      localMspType: 'bccsp',
      client: { connTimeout: '3s' },
      deliveryclient: {
        blockGossipEnabled: false,
        reconnectTotalTimeThreshold: '3600s',
        connTimeout: '3s',
        reConnectBackoffThreshold: '1s',
        policy: 'cluster',
      },
      profile: { enabled: false },
      handlers: {
        authFilters: [{ name: 'DefaultAuth' }, { name: 'ExpirationCheck' }, { name: 'TimeWindowCheck' }],
        decorators: [{ name: 'DefaultDecorator' }],
        endorsers: { escc: { name: 'DefaultEndorsement' } },
        validators: { vscc: { name: 'DefaultValidation' } },
      },
      discovery: {
        enabled: true,
        authCacheEnabled: true,
        authCacheMaxSize: 1000,
        orgMembersAllowedAccess: false,
      },
      limits: { concurrency: { endorserService: 2500, deliverService: 2500, gatewayService: 500 } },
      maxRecvMsgSize: 100 * megabyte,
      maxSendMsgSize: 100 * megabyte,
    },
    // Empty, not absent: an absent one makes the peer look for Docker.
    vm: { endpoint: '' },
    chaincode: {
      externalBuilders: [{ name: builderName, path: builder }],
      installTimeout: '60s',
      startuptimeout: '60s',
      executetimeout: '30s',
      mode: 'net',
      keepalive: 0,
      system: { _lifecycle: 'enable', cscc: 'enable', lscc: 'enable', qscc: 'enable' },
      logging: { level: 'info', shim: 'warning' },
      runtimeParams: {
        useWriteBatch: true,
        maxSizeWriteBatch: 1000,
        useGetMultipleKeys: true,
        maxSizeGetMultipleKeys: 1000,
      },
    },
    ledger: {
      state: { stateDatabase: 'goleveldb', totalQueryLimit: 100_000 },
      history: { enableHistoryDatabase: true },
      pvtdataStore: {
        collElgProcMaxDbBatchSize: 5000,
        collElgProcDbBatchesInterval: 1000,
        deprioritizedDataReconcilerInterval: '60m',
        purgeInterval: 100,
        purgedKeyAuditLogging: true,
      },
      snapshots: { rootDir: `${node.folder}/data/snapshots` },
    },
    operations: { listenAddress: `${node.listenHost}:${node.operationsPort}` },
    metrics: { provider: node.operationsPort === 0 ? 'disabled' : 'prometheus' },
  };
}
