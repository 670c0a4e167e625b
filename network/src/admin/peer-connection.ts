import { createPrivateKey } from 'node:crypto';
import * as grpc from '@grpc/grpc-js';
import {
  connect,
  type Gateway,
  hash,
  type Identity,
  type Signer,
  signers,
} from '@hyperledger/fabric-gateway';
import { common, gateway as gatewayMessages, peer } from '@hyperledger/fabric-protos';
import { type PeerEndpoint } from '../connection-profile.js';
import { AdministrationRefusedError, AdministrationUnavailableError } from './errors.js';
import { channelCredentials, channelOptions, type ClientTls } from './transport.js';

/** Who asks: an identity of an organisation, its certificate and key as PEM. */
export interface AdminIdentity {
  readonly mspId: string;
  readonly certificate: string;
  readonly privateKey: string;
  /** What it shows a peer that wants a TLS certificate of its clients. */
  readonly tls?: ClientTls;
}

/** Milliseconds that a peer may take for an answer; installing runs the builder of a real one. */
const deadline = 60_000;

/** One identity's connection to one peer: its gateway, and its endorser for what concerns the peer alone. */
export class PeerConnection {
  /** `host:port`. */
  readonly address: string;
  /** Organisation of the identity. */
  readonly mspId: string;
  readonly gateway: Gateway;
  readonly #client: peer.EndorserClient;
  readonly #signer: Signer;

  private constructor(address: string, client: peer.EndorserClient, identity: Identity, signer: Signer) {
    this.address = address;
    this.mspId = identity.mspId;
    this.#client = client;
    this.#signer = signer;
    const callOptions = () => ({ deadline: Date.now() + deadline });
    this.gateway = connect({
      client,
      identity,
      signer,
      hash: hash.sha256,
      evaluateOptions: callOptions,
      endorseOptions: callOptions,
      submitOptions: callOptions,
      commitStatusOptions: callOptions,
    });
  }

  static open(
    endpoint: PeerEndpoint,
    { mspId, certificate, privateKey, tls }: AdminIdentity,
  ): PeerConnection {
    const client = new peer.EndorserClient(
      endpoint.address,
      channelCredentials(endpoint, tls),
      channelOptions(endpoint),
    );
    const signer = signers.newPrivateKeySigner(createPrivateKey(privateKey));
    return new PeerConnection(
      endpoint.address,
      client,
      { mspId, credentials: Buffer.from(certificate) },
      signer,
    );
  }

  /**
   * Calls a system chaincode of this peer alone, outside of any channel.
   * @throws {@link AdministrationRefusedError} with what the peer said; {@link AdministrationUnavailableError} if it
   * could not be reached.
   */
  async callSystemChaincode(
    chaincode: string,
    transaction: string,
    ...args: readonly Uint8Array[]
  ): Promise<Uint8Array> {
    const what = `${chaincode} ${transaction}`;
    const proposal = this.gateway
      .getNetwork('')
      .getContract(chaincode)
      .newProposal(transaction, { arguments: [...args] });
    const signature = await this.#signer(proposal.getDigest());
    const signed = this.gateway.newSignedProposal(proposal.getBytes(), signature).getBytes();
    const request = gatewayMessages.ProposedTransaction.deserializeBinary(signed).getProposal();
    if (!request) throw new AdministrationRefusedError(`${what}: no proposal was made.`);
    const answer = await this.#process(request, what);
    const status = answer.getResponse()?.getStatus() ?? 0;
    if (status !== common.Status.SUCCESS) {
      const message = answer.getResponse()?.getMessage() ?? '';
      throw new AdministrationRefusedError(`${this.address} refused ${what}: ${status} ${message}`);
    }
    return answer.getResponse()?.getPayload_asU8() ?? new Uint8Array();
  }

  #process(request: peer.SignedProposal, what: string): Promise<peer.ProposalResponse> {
    return new Promise((resolve, reject) => {
      this.#client.processProposal(
        request,
        new grpc.Metadata(),
        { deadline: Date.now() + deadline },
        (error, answer) => {
          if (answer) resolve(answer);
          else reject(this.#failure(error, what));
        },
      );
    });
  }

  #failure(error: grpc.ServiceError | null, what: string): Error {
    const absent = error?.code === grpc.status.UNAVAILABLE || error?.code === grpc.status.DEADLINE_EXCEEDED;
    const reason = error?.details ?? 'no answer';
    return absent
      ? new AdministrationUnavailableError(`${this.address} cannot be reached: ${reason}`, { cause: error })
      : new AdministrationRefusedError(`${this.address} refused ${what}: ${reason}`, { cause: error });
  }

  close(): void {
    this.gateway.close();
    this.#client.close();
  }
}
