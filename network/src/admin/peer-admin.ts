import { peer } from '@hyperledger/fabric-protos';
import { type PeerConnection } from './peer-connection.js';

const {
  GetInstalledChaincodePackageArgs,
  GetInstalledChaincodePackageResult,
  InstallChaincodeArgs,
  InstallChaincodeResult,
  QueryInstalledChaincodesArgs,
  QueryInstalledChaincodesResult,
} = peer.lifecycle;

/** A package that a peer has. */
export interface InstalledPackage {
  /** `label:hash`. */
  readonly packageId: string;
  readonly label: string;
  /** Chaincodes that run from it, by channel. */
  readonly references: Readonly<
    Record<string, readonly { readonly name: string; readonly version: string }[]>
  >;
}

/**
 * What the administrator of an organisation does on one of its peers, of the embedded network or a real one.
 *
 * @example
 * const connection = PeerConnection.open(endpoint, administrator);
 * const packageId = await new PeerAdmin(connection).install(await readFile('care.tar.gz'));
 */
export class PeerAdmin {
  readonly #connection: PeerConnection;

  constructor(connection: PeerConnection) {
    this.#connection = connection;
  }

  /** Channels that the peer is in. */
  async channels(): Promise<string[]> {
    const answer = await this.#connection.callSystemChaincode('cscc', 'GetChannels');
    return peer.ChannelQueryResponse.deserializeBinary(answer)
      .getChannelsList()
      .map((channel) => channel.getChannelId());
  }

  /**
   * Joins a channel; a peer that is in it stays so.
   * @param genesisBlock - the first block of the channel
   */
  async join(channel: string, genesisBlock: Uint8Array): Promise<void> {
    if ((await this.channels()).includes(channel)) return;
    await this.#connection.callSystemChaincode('cscc', 'JoinChain', genesisBlock);
  }

  /** @throws {@link AdministrationRefusedError} if the peer cannot use the package, or has it. */
  async install(content: Uint8Array): Promise<string> {
    const args = new InstallChaincodeArgs();
    args.setChaincodeInstallPackage(content);
    const answer = await this.#call('InstallChaincode', args);
    return InstallChaincodeResult.deserializeBinary(answer).getPackageId();
  }

  async queryInstalled(): Promise<InstalledPackage[]> {
    const answer = await this.#call('QueryInstalledChaincodes', new QueryInstalledChaincodesArgs());
    return QueryInstalledChaincodesResult.deserializeBinary(answer)
      .getInstalledChaincodesList()
      .map((installed) => ({
        packageId: installed.getPackageId(),
        label: installed.getLabel(),
        references: Object.fromEntries(
          [...installed.getReferencesMap().entries()].map(([channel, using]) => [
            channel,
            using.getChaincodesList().map((each) => ({ name: each.getName(), version: each.getVersion() })),
          ]),
        ),
      }));
  }

  /** A package as it was installed. @throws {@link AdministrationRefusedError} if the peer does not have it. */
  async installedPackage(packageId: string): Promise<Uint8Array> {
    const args = new GetInstalledChaincodePackageArgs();
    args.setPackageId(packageId);
    const answer = await this.#call('GetInstalledChaincodePackage', args);
    return GetInstalledChaincodePackageResult.deserializeBinary(answer).getChaincodeInstallPackage_asU8();
  }

  #call(operation: string, args: { serializeBinary(): Uint8Array }): Promise<Uint8Array> {
    return this.#connection.callSystemChaincode('_lifecycle', operation, args.serializeBinary());
  }
}
