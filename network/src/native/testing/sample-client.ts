import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as grpc from '@grpc/grpc-js';
import { connect, type Contract, type Gateway, signers } from '@hyperledger/fabric-gateway';
import { z } from 'zod';

const profileFile = z.object({
  organizations: z.record(
    z.string(),
    z.object({
      peers: z.array(z.object({ address: z.string(), tlsCaCertificate: z.string() })),
      client: z.object({ certificate: z.string(), privateKey: z.string() }),
    }),
  ),
});

/** A member of an organisation of the sample network, connected to its first peer. */
export class SampleClient {
  readonly gateway: Gateway;
  readonly #client: grpc.Client;

  private constructor(mspId: string, profile: z.infer<typeof profileFile>) {
    const organization = profile.organizations[mspId];
    const [peer] = organization?.peers ?? [];
    if (!organization || !peer) throw new Error(`${mspId} is not in the profile`);
    this.#client = new grpc.Client(
      peer.address,
      grpc.credentials.createSsl(Buffer.from(peer.tlsCaCertificate)),
    );
    this.gateway = connect({
      client: this.#client,
      identity: { mspId, credentials: Buffer.from(organization.client.certificate) },
      signer: signers.newPrivateKeySigner(createPrivateKey(organization.client.privateKey)),
    });
  }

  static async of(mspId: string, network: { readonly connectionProfile: string }): Promise<SampleClient> {
    const profile: unknown = JSON.parse(await readFile(network.connectionProfile, 'utf8'));
    return new SampleClient(mspId, profileFile.parse(profile));
  }

  contract(channel: string): Contract {
    return this.gateway.getNetwork(channel).getContract('probe');
  }

  close(): void {
    this.gateway.close();
    this.#client.close();
  }
}
