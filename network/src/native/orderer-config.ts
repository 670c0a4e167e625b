import { type OrdererNode } from '../topology/topology.js';

/** `orderer.yaml` of one ordering node: TLS, channels joined through the participation API. */
export function ordererConfigOf(node: OrdererNode, clientAuthRequired: boolean): Record<string, unknown> {
  const tls = { Enabled: true, PrivateKey: node.tlsKey, Certificate: node.tlsCertificate };
  return {
    General: {
      ListenAddress: node.listenHost,
      ListenPort: node.port,
      TLS: {
        ...tls,
        RootCAs: [node.tlsCa],
        ClientAuthRequired: clientAuthRequired,
        ClientRootCAs: [node.tlsCa],
      },
      // Gateways ping every 10 s; with Fabric's default of 60 they would be cut off again and again.
      Keepalive: { ServerMinInterval: '5s', ServerInterval: '7200s', ServerTimeout: '20s' },
      MaxRecvMsgSize: 104_857_600,
      MaxSendMsgSize: 104_857_600,
      Cluster: { SendBufferSize: 100, ClientCertificate: node.tlsCertificate, ClientPrivateKey: node.tlsKey },
      LocalMSPDir: node.msp,
      LocalMSPID: node.mspId,
      BCCSP: { Default: 'SW', SW: { Hash: 'SHA2', Security: 256 } },
      Authentication: { TimeWindow: '15m' },
    },
    FileLedger: { Location: `${node.folder}/data` },
    Consensus: {
      WALDir: `${node.folder}/data/etcdraft/wal`,
      SnapDir: `${node.folder}/data/etcdraft/snapshot`,
    },
    Operations: { ListenAddress: `${node.listenHost}:${node.operationsPort}` },
    Metrics: { Provider: node.operationsPort === 0 ? 'disabled' : 'prometheus' },
    Admin: {
      ListenAddress: `${node.listenHost}:${node.adminPort}`,
      TLS: { ...tls, RootCAs: [node.tlsCa], ClientAuthRequired: true, ClientRootCAs: [node.tlsCa] },
    },
    ChannelParticipation: { Enabled: true, MaxRequestBodySize: '1 MB' },
  };
}
