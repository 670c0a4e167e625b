import { peer } from '@hyperledger/fabric-protos';
import { type ChaincodePackage } from './chaincode-package.js';
import { type PeerConnection } from './peer-connection.js';

/** What the administrator of an organisation does on one peer. Doing it twice is doing it once. */
export class PeerAdmin {
  readonly #connection: PeerConnection;

  constructor(connection: PeerConnection) {
    this.#connection = connection;
  }

  async channels(): Promise<string[]> {
    const answer = await this.#connection.callSystemChaincode('cscc', 'GetChannels');
    return peer.ChannelQueryResponse.deserializeBinary(answer)
      .getChannelsList()
      .map((channel) => channel.getChannelId());
  }

  /** @param genesisBlock - the first block of the channel */
  async join(channel: string, genesisBlock: Uint8Array): Promise<void> {
    if ((await this.channels()).includes(channel)) return;
    await this.#connection.callSystemChaincode('cscc', 'JoinChain', genesisBlock);
  }

  async installed(): Promise<string[]> {
    const { QueryInstalledChaincodesArgs, QueryInstalledChaincodesResult } = peer.lifecycle;
    const args = new QueryInstalledChaincodesArgs().serializeBinary();
    const answer = await this.#connection.callSystemChaincode('_lifecycle', 'QueryInstalledChaincodes', args);
    return QueryInstalledChaincodesResult.deserializeBinary(answer)
      .getInstalledChaincodesList()
      .map((chaincode) => chaincode.getPackageId());
  }

  async install(chaincode: ChaincodePackage): Promise<void> {
    if ((await this.installed()).includes(chaincode.id)) return;
    const args = new peer.lifecycle.InstallChaincodeArgs();
    args.setChaincodeInstallPackage(chaincode.content);
    await this.#connection.callSystemChaincode('_lifecycle', 'InstallChaincode', args.serializeBinary());
  }
}
