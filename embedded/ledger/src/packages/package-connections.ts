import { ChaincodeConnection, type ChaincodeConnectionOptions } from '../chaincode/chaincode-connection.js';
import { type InstalledPackage } from './installed-packages.js';

export interface PackageConnectionsOptions extends Pick<
  ChaincodeConnectionOptions,
  'mspId' | 'executeTimeoutMs' | 'startTimeoutMs' | 'log'
> {
  /** `host:port` of chaincode that serves elsewhere than its package says, by label or package id. */
  readonly addresses: Readonly<Record<string, string>>;
}

/** One organisation's connections to chaincode servers: one for each package, however many chaincodes run from it. */
export class PackageConnections {
  readonly #options: PackageConnectionsOptions;
  readonly #connections = new Map<string, ChaincodeConnection>();

  constructor(options: PackageConnectionsOptions) {
    this.#options = options;
  }

  /** The connection to a package's chaincode, made when it is first asked for. */
  to(installed: InstalledPackage): ChaincodeConnection {
    const { packageId, label, service } = installed;
    let connection = this.#connections.get(packageId);
    if (connection === undefined) {
      const { addresses, ...options } = this.#options;
      const address = addresses[packageId] ?? addresses[label];
      connection = new ChaincodeConnection({
        ...options,
        chaincodeId: packageId,
        service: address === undefined ? service : { ...service, address },
      });
      this.#connections.set(packageId, connection);
    }
    return connection;
  }

  /** Ends the connection to a package that no chaincode runs from any more. */
  leave(packageId: string): void {
    this.#connections.get(packageId)?.close();
    this.#connections.delete(packageId);
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close();
    this.#connections.clear();
  }
}
