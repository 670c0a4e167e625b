import { type Client } from '@grpc/grpc-js';
import { connect, type Gateway, hash } from '@hyperledger/fabric-gateway';
import { BoundedCache } from '../cache/bounded-cache.js';
import { type ConnectionProfile } from './connection-profile.js';
import { OrganizationUnknownError } from './errors.js';
import { type LedgerIdentity } from './ledger-client.js';
import { nativeSigner } from './native-signer.js';
import { PeerPool } from './peer-pool.js';

/** Milliseconds that each kind of call may take. */
export interface Deadlines {
  readonly evaluate: number;
  readonly endorse: number;
  readonly submit: number;
  readonly commitStatus: number;
}

/** A gateway for one signer over the connection that is good now. */
export interface Session {
  readonly gateway: Gateway;
  /** The connection, for what is known of the peer behind it. */
  readonly client: Client;
  /** Says that the peer was found unavailable, so that the next session uses another. */
  readonly failed: () => void;
}

/** Gateways of many signers over few connections: a connection per peer, a gateway per signer and connection. */
export class Gateways {
  readonly #pools: ReadonlyMap<string, PeerPool>;
  readonly #gateways = new Map<Client, BoundedCache<string, Gateway>>();
  readonly #deadlines: Deadlines;
  readonly #signersKept: number;

  constructor(profile: ConnectionProfile, deadlines: Deadlines, signersKept: number) {
    this.#pools = new Map(
      Object.entries(profile.organizations).map(([mspId, organization]) => [
        mspId,
        new PeerPool(organization),
      ]),
    );
    this.#deadlines = deadlines;
    this.#signersKept = signersKept;
  }

  /** @throws {@link OrganizationUnknownError} */
  session(signer: LedgerIdentity): Session {
    const pool = this.#poolOf(signer.mspId);
    const client = pool.pick();
    let gateways = this.#gateways.get(client);
    if (!gateways) {
      gateways = new BoundedCache(this.#signersKept);
      this.#gateways.set(client, gateways);
    }
    const gateway = gateways.getOrCreate(signer.certificate, () =>
      this.#connect(client, signer, pool.tlsCertificateHash),
    );
    return { gateway, client, failed: () => pool.failed(client) };
  }

  async reachable(mspId: string, timeoutMs: number): Promise<boolean> {
    return this.#poolOf(mspId).reachable(timeoutMs);
  }

  close(): void {
    for (const pool of this.#pools.values()) pool.close();
    this.#gateways.clear();
  }

  #poolOf(mspId: string): PeerPool {
    const pool = this.#pools.get(mspId);
    if (!pool) throw new OrganizationUnknownError(mspId);
    return pool;
  }

  #connect(
    client: Client,
    signer: LedgerIdentity,
    tlsClientCertificateHash: Uint8Array | undefined,
  ): Gateway {
    const within = (ms: number) => () => ({ deadline: Date.now() + ms });
    return connect({
      client,
      identity: { mspId: signer.mspId, credentials: Buffer.from(signer.certificate) },
      signer: nativeSigner(signer.privateKey),
      hash: hash.none,
      ...(tlsClientCertificateHash && { tlsClientCertificateHash }),
      evaluateOptions: within(this.#deadlines.evaluate),
      endorseOptions: within(this.#deadlines.endorse),
      submitOptions: within(this.#deadlines.submit),
      commitStatusOptions: within(this.#deadlines.commitStatus),
    });
  }
}
