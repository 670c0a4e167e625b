import { createPrivateKey } from 'node:crypto';
import { Client, credentials } from '@grpc/grpc-js';
import { connect, type Contract, type Gateway, hash, signers } from '@hyperledger/fabric-gateway';
import { type ConnectionProfile, nativeSigner } from '@medigraph/platform/ledger';

/** How figures name this peer. */
export const bareClientName = 'bare @hyperledger/fabric-gateway client, same network';

/**
 * What a client signs with: as the SDK's documentation has it, in JavaScript; or in OpenSSL, which takes a tenth of the
 * time, so that it is the network that is measured and not its client.
 */
export type BareSigner = 'sdk' | 'native';

/** The gateway client and nothing else, for one organisation of a network: what Medigraph is measured against. */
export class BareClient {
  readonly gateway: Gateway;
  readonly #client: Client;

  constructor(profile: ConnectionProfile, mspId: string, signer: BareSigner = 'sdk') {
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
      ...(signer === 'native'
        ? { signer: nativeSigner(createPrivateKey(privateKey)), hash: hash.none }
        : { signer: signers.newPrivateKeySigner(createPrivateKey(privateKey)) }),
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
