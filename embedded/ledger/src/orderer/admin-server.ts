import { createServer as createPlainServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo } from 'node:net';
import { LedgerUnavailableError } from '../errors.js';
import { type TlsMaterial } from '../tls/tls-material.js';

/** Where an orderer is administered: HTTP over TLS with client certificates, or plain where that is wanted. */
export class AdminServer {
  readonly #server: Server;

  /** @param tls - absent for plain text */
  constructor(listener: RequestListener, tls?: TlsMaterial) {
    this.#server =
      tls === undefined
        ? createPlainServer(listener)
        : createTlsServer(
            {
              cert: tls.certificate,
              key: tls.key,
              ca: [...tls.clientRoots],
              requestCert: tls.clientAuthRequired,
              rejectUnauthorized: tls.clientAuthRequired,
            },
            listener,
          );
  }

  /** Starts to listen; answers the address. @throws {@link LedgerUnavailableError} if it cannot. */
  listen(address: string): Promise<string> {
    const at = address.lastIndexOf(':');
    const host = address.slice(0, at);
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error) =>
        reject(new LedgerUnavailableError(`cannot listen on ${address}: ${error.message}`, { cause: error })),
      );
      this.#server.listen(Number(address.slice(at + 1)), host, () =>
        resolve(`${host}:${(this.#server.address() as AddressInfo).port}`),
      );
    });
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
