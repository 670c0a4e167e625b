import path from 'node:path';

/** Where a platform keeps what it has: one folder, `.medigraph` below the current one unless told otherwise. */
export class DataFolder {
  readonly path: string;

  constructor(folder: string) {
    this.path = path.resolve(folder);
  }

  /** Crypto material and connection profile of the embedded network. */
  get network(): string {
    return path.join(this.path, 'network');
  }

  get ledger(): string {
    return path.join(this.path, 'ledger');
  }

  /** Identities and certificates of the authorities. */
  get authorities(): string {
    return path.join(this.path, 'ca');
  }

  /** Accounts, clients and sessions of the identity provider. */
  get identity(): string {
    return path.join(this.path, 'identity');
  }

  get documents(): string {
    return path.join(this.path, 'documents');
  }

  /** What runs of DApps, and where. */
  get dapps(): string {
    return path.join(this.path, 'dapps');
  }

  /** Where a network that runs without the platform keeps what it has. */
  networkOf(kind: string): string {
    return path.join(this.path, 'networks', kind);
  }

  /** Sealed keys of people and institutions. */
  get custody(): string {
    return path.join(this.path, 'custody');
  }

  /** What the parts log, a file each. */
  get logs(): string {
    return path.join(this.path, 'logs');
  }

  /** Written when the sample population is loaded. */
  get population(): string {
    return path.join(this.path, 'population.json');
  }
}

export const defaultDataFolder = process.env['MEDIGRAPH_DATA'] ?? '.medigraph';
