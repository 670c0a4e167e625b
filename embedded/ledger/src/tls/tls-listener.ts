import { once } from 'node:events';
import { type AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { sha256 } from '../crypto/hash.js';
import { reasonOf } from '../errors.js';
import { type Log } from '../log.js';
import { type Caller } from './caller.js';
import { type TlsMaterial } from './tls-material.js';

/** Time in which a client must have shaken hands. */
const handshakeTimeoutMs = 5_000;

/**
 * Shakes hands with who connects. Every client is asked for a certificate; where it need not have one, any will do: it
 * only names the connection, as in a peer.
 */
export class TlsListener {
  readonly #server: Server;
  readonly #clientAuthRequired: boolean;
  readonly #certificateHashes = new Map<string, Buffer>();

  constructor(material: TlsMaterial, connected: (socket: TLSSocket) => void, log: Log) {
    this.#clientAuthRequired = material.clientAuthRequired;
    this.#server = createServer({
      cert: material.certificate,
      key: material.key,
      // The names of these go out with the request for a certificate, and some clients show none of another authority.
      ...(material.clientAuthRequired && { ca: [...material.clientRoots] }),
      requestCert: true,
      rejectUnauthorized: material.clientAuthRequired,
      ALPNProtocols: ['h2'],
      minVersion: 'TLSv1.2',
      handshakeTimeout: handshakeTimeoutMs,
    });
    this.#server.on('secureConnection', (socket) => {
      this.#remember(socket);
      connected(socket);
    });
    this.#server.on('tlsClientError', (error, socket) => {
      // Null while nothing is wrong with the certificate; what is typed as an error is its code.
      const { authorizationError }: { authorizationError: unknown } = socket;
      const { remoteAddress } = socket;
      log.warn('tls-handshake-failed', { remoteAddress, reason: reasonOf(authorizationError ?? error) });
      socket.destroy();
    });
  }

  /** Answers the port. */
  async listen(host: string, port: number): Promise<number> {
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** @param peer - address and port of the client's end. */
  caller(peer: string): Caller {
    return {
      tls: this.#clientAuthRequired ? 'mutual' : 'server',
      certificateHash: this.#certificateHashes.get(peer),
    };
  }

  close(): void {
    this.#server.close();
  }

  #remember(socket: TLSSocket): void {
    const { remoteAddress, remotePort } = socket;
    const { raw } = socket.getPeerCertificate() as { raw?: Buffer };
    if (remoteAddress === undefined || remotePort === undefined || raw === undefined) return;
    const peer = `${remoteAddress}:${remotePort}`;
    this.#certificateHashes.set(peer, sha256(raw));
    socket.once('close', () => this.#certificateHashes.delete(peer));
  }
}
