import { createHash, X509Certificate } from 'node:crypto';
import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  connectivityState,
  credentials,
} from '@grpc/grpc-js';
import { type ConnectionProfile } from './connection-profile.js';

type Organization = ConnectionProfile['organizations'][string];
type Peer = Organization['peers'][number];

const channelOptions: ChannelOptions = {
  // Fabric's peers refuse pings more often than once a minute.
  'grpc.keepalive_time_ms': 120_000,
  'grpc.keepalive_timeout_ms': 20_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.initial_reconnect_backoff_ms': 100,
  // While every peer is away callers wait as long as this after one is back.
  'grpc.max_reconnect_backoff_ms': 1_000,
  'grpc.max_receive_message_length': 100 * 1024 * 1024,
  'grpc.max_send_message_length': 100 * 1024 * 1024,
};

function securityOf(peer: Peer, { client: { tls } }: Organization): ChannelCredentials {
  if (peer.tlsCaCertificate === undefined) return credentials.createInsecure();
  const authority = Buffer.from(peer.tlsCaCertificate);
  return tls === undefined
    ? credentials.createSsl(authority)
    : credentials.createSsl(authority, Buffer.from(tls.privateKey), Buffer.from(tls.certificate));
}

function connectPeer(peer: Peer, organization: Organization): Client {
  const security = securityOf(peer, organization);
  return new Client(peer.address, security, {
    ...channelOptions,
    ...(peer.serverNameOverride !== undefined && {
      'grpc.ssl_target_name_override': peer.serverNameOverride,
    }),
  });
}

function hashOf(certificate: string | undefined): Uint8Array | undefined {
  return certificate === undefined
    ? undefined
    : createHash('sha256').update(new X509Certificate(certificate).raw).digest();
}

const unreachable: ReadonlySet<connectivityState> = new Set([
  connectivityState.TRANSIENT_FAILURE,
  connectivityState.SHUTDOWN,
]);

/**
 * One connection to each peer of an organisation. Calls stay with one peer while it answers, so that a read after a write
 * sees the write; when it fails, the next one takes over.
 */
export class PeerPool {
  readonly #clients: readonly Client[];
  #preferred = 0;
  /** SHA-256 of the certificate shown in TLS, to which requests for blocks are bound. */
  readonly tlsCertificateHash: Uint8Array | undefined;

  constructor(organization: Organization) {
    this.#clients = organization.peers.map((peer) => connectPeer(peer, organization));
    this.tlsCertificateHash = hashOf(organization.client.tls?.certificate);
  }

  /** The connection to use now. */
  pick(): Client {
    for (let step = 0; step < this.#clients.length; step += 1) {
      const index = (this.#preferred + step) % this.#clients.length;
      const client = this.#at(index);
      if (unreachable.has(client.getChannel().getConnectivityState(true))) continue;
      this.#preferred = index;
      return client;
    }
    return this.#at(this.#preferred);
  }

  /** A call on this connection found the peer unavailable: the next call tries another. */
  failed(client: Client): void {
    if (client === this.#clients[this.#preferred]) {
      this.#preferred = (this.#preferred + 1) % this.#clients.length;
    }
  }

  /** True if some peer can be reached in time. */
  async reachable(timeoutMs: number): Promise<boolean> {
    const ready = this.#clients.map(
      (client) =>
        new Promise<void>((resolve, reject) => {
          client.waitForReady(Date.now() + timeoutMs, (error) => (error ? reject(error) : resolve()));
        }),
    );
    return Promise.any(ready).then(
      () => true,
      () => false,
    );
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }

  #at(index: number): Client {
    const client = this.#clients[index];
    if (!client) throw new RangeError('An organisation has at least one peer.');
    return client;
  }
}
