import { type ChaincodeConnection } from '../chaincode/chaincode-connection.js';
import { type Channel, type Channels } from '../channel.js';
import { type OrganizationApprovals } from './organization-approvals.js';
import { type InstalledPackages } from '../packages/installed-packages.js';
import { type PackageConnections } from '../packages/package-connections.js';

/** A chaincode that a peer can run. */
export interface RunnableChaincode {
  readonly version: string;
  readonly initRequired: boolean;
  readonly connection: ChaincodeConnection;
}

/** One organisation's view of the chaincodes of its channels: those that it has approved and installed run. */
export class LocalChaincodes {
  readonly #approvals: OrganizationApprovals;
  readonly #packages: InstalledPackages;
  readonly #connections: PackageConnections;

  constructor(
    approvals: OrganizationApprovals,
    packages: InstalledPackages,
    connections: PackageConnections,
  ) {
    this.#approvals = approvals;
    this.#packages = packages;
    this.#connections = connections;
  }

  /**
   * @param sequence - of the definition in the state that the transaction is simulated on; 0 for none
   * @throws in Fabric's words if the chaincode is not defined, approved or installed.
   */
  runnable(channel: Channel, name: string, sequence: number): RunnableChaincode {
    const definition = channel.chaincodes.get(name);
    if (definition === undefined || sequence === 0) throw new Error(`chaincode ${name} not found`);
    if (definition.sequence !== sequence)
      throw new Error(
        `chaincode cache at sequence ${definition.sequence} but current sequence is ${sequence}, chaincode definition for '${name}' changed during invoke`,
      );
    const approval = this.#approvals.of(channel, definition);
    if (approval === undefined)
      throw new Error(
        `chaincode definition for '${name}' at sequence ${sequence} on channel '${channel.name}' has not yet been approved by this org`,
      );
    const installed = this.#packages.get(approval.packageId);
    if (installed === undefined)
      throw new Error(`chaincode definition for '${name}' exists, but chaincode is not installed`);
    const { version, initRequired } = definition;
    return { version, initRequired, connection: this.#connections.to(installed) };
  }

  /** True if transactions of the chaincode can be endorsed here: what a peer tells the others of itself. */
  runs(channel: Channel, name: string): boolean {
    const definition = channel.chaincodes.get(name);
    const approval = definition && this.#approvals.of(channel, definition);
    return approval !== undefined && this.#packages.get(approval.packageId) !== undefined;
  }

  /** Names and versions of the chaincodes that run from a package, by channel. */
  references(
    channels: Channels,
    packageId: string,
  ): Map<string, { readonly name: string; readonly version: string }[]> {
    const found = new Map<string, { readonly name: string; readonly version: string }[]>();
    for (const channel of channels.values()) {
      const using = [...channel.chaincodes].filter(
        (definition) => this.#approvals.of(channel, definition)?.packageId === packageId,
      );
      if (using.length > 0)
        found.set(
          channel.name,
          using.map(({ name, version }) => ({ name, version })),
        );
    }
    return found;
  }

  /** Connects to the packages that are in use, so that nobody waits for it, and leaves those that no longer are. */
  connect(channels: Channels): void {
    for (const installed of this.#packages) {
      if (this.references(channels, installed.packageId).size > 0) this.#connections.to(installed);
      else this.#connections.leave(installed.packageId);
    }
  }
}
