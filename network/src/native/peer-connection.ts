import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
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
import { AdministrationRefusedError } from './errors.js';

/** Who asks: an identity of an organisation, as PEM files. */
export interface IdentityFiles {
  readonly mspId: string;
  readonly certificate: string;
  readonly privateKey: string;
  /** What it shows a peer that wants a TLS certificate of its clients. */
  readonly tls: { readonly certificate: string; readonly privateKey: string };
}

/** Milliseconds that a peer may take for an answer; installing runs the external builder. */
const deadline = 60_000;

/** One identity's connection to one peer: its gateway, and its endorser for what concerns the peer alone. */
export class PeerConnection {
  /** `host:port`. */
  readonly address: string;
  readonly gateway: Gateway;
  readonly #client: peer.EndorserClient;
  readonly #signer: Signer;

  private constructor(address: string, client: peer.EndorserClient, identity: Identity, signer: Signer) {
    this.address = address;
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

  /** @param serverName - Host name in the peer's TLS certificate. */
  static async open(
    address: string,
    tlsCaCertificate: string,
    serverName: string,
    files: IdentityFiles,
  ): Promise<PeerConnection> {
    const [tlsCa, certificate, key, tlsCertificate, tlsKey] = await Promise.all([
      readFile(tlsCaCertificate),
      readFile(files.certificate),
      readFile(files.privateKey),
      readFile(files.tls.certificate),
      readFile(files.tls.privateKey),
    ]);
    const credentials = grpc.credentials.createSsl(tlsCa, tlsKey, tlsCertificate);
    const client = new peer.EndorserClient(address, credentials, {
      'grpc.ssl_target_name_override': serverName,
    });
    const signer = signers.newPrivateKeySigner(createPrivateKey(key));
    return new PeerConnection(address, client, { mspId: files.mspId, credentials: certificate }, signer);
  }

  /**
   * Calls a system chaincode of this peer alone, outside of any channel.
   * @throws {@link AdministrationRefusedError} with what the peer said.
   */
  async callSystemChaincode(
    chaincode: string,
    transaction: string,
    ...args: readonly Uint8Array[]
  ): Promise<Uint8Array> {
    const proposal = this.gateway
      .getNetwork('')
      .getContract(chaincode)
      .newProposal(transaction, { arguments: [...args] });
    const signature = await this.#signer(proposal.getDigest());
    const signed = this.gateway.newSignedProposal(proposal.getBytes(), signature).getBytes();
    const request = gatewayMessages.ProposedTransaction.deserializeBinary(signed).getProposal();
    if (!request) throw new AdministrationRefusedError(`${chaincode} ${transaction}: no proposal was made.`);
    const response = await new Promise<peer.ProposalResponse>((resolve, reject) => {
      this.#client.processProposal(
        request,
        new grpc.Metadata(),
        { deadline: Date.now() + deadline },
        (error, answer) => (answer ? resolve(answer) : reject(error ?? new Error('no answer'))),
      );
    });
    const status = response.getResponse()?.getStatus() ?? 0;
    if (status !== common.Status.SUCCESS) {
      const message = response.getResponse()?.getMessage() ?? '';
      throw new AdministrationRefusedError(
        `${this.address} refused ${chaincode} ${transaction}: ${status} ${message}`,
      );
    }
    return response.getResponse()?.getPayload_asU8() ?? new Uint8Array();
  }

  close(): void {
    this.gateway.close();
    this.#client.close();
  }
}
