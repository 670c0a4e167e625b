import { createPrivateKey } from 'node:crypto';
import { Client, credentials } from '@grpc/grpc-js';
import { connect, type Contract, type Gateway, signers } from '@hyperledger/fabric-gateway';
import { type ConnectionProfile } from '@medigraph/platform/ledger';

/** How figures name this peer. */
export const bareClientName = 'bare @hyperledger/fabric-gateway client, same network';

/** The gateway client as its documentation uses it, for one organisation of a network: what Medigraph is measured against. */
export class BareClient {
  readonly gateway: Gateway;
  readonly #client: Client;

  constructor(profile: ConnectionProfile, mspId: string) {
    const organization = profile.organizations[mspId];
    const [peer] = organization?.peers ?? [];
    if (!organization || !peer) throw new Error(`${mspId} is not in the connection profile.`);
    const security =
      peer.tlsCaCertificate === undefined
        ? credentials.createInsecure()
        : credentials.createSsl(Buffer.from(peer.tlsCaCertificate));
    this.#client = new Client(peer.address, security);
    const { certificate, privateKey } = organization.client;
    this.gateway = connect({
      client: this.#client,
      identity: { mspId, credentials: Buffer.from(certificate) },
      signer: signers.newPrivateKeySigner(createPrivateKey(privateKey)),
    });
  }

  contract(channel: string, chaincode: string, contract: string): Contract {
    return this.gateway.getNetwork(channel).getContract(chaincode, contract);
  }

  close(): void {
    this.gateway.close();
    this.#client.close();
  }
}
