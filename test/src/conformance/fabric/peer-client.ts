import * as grpc from '@grpc/grpc-js';
import { type common, discovery, gateway, peer } from '@hyperledger/fabric-protos';
import { validationName } from '../answer.js';
import { creatorOf, sign, type Signatory } from './identity.js';
import { type SignedProposal } from './proposal.js';

/** Milliseconds for one call. */
const patience = 38_000;

type Reply<T> = (error: grpc.ServiceError | null, answer?: T) => void;

function answered<T>(
  call: (options: grpc.CallOptions, reply: Reply<T>) => void,
  wait = patience,
): Promise<T> {
  return new Promise((resolve, reject) =>
    call({ deadline: Date.now() + wait }, (error, answer) =>
      answer === undefined ? reject(error ?? new Error('the peer sent no answer')) : resolve(answer),
    ),
  );
}

export interface StatusQuestion {
  readonly transactionId: string;
  readonly channel?: string;
  readonly signature?: Uint8Array;
  /** The whole request. */
  readonly bytes?: Uint8Array;
  /** Milliseconds. */
  readonly wait?: number;
}

/** The services of one peer, called message by message. */
export class PeerClient {
  readonly #gateway: gateway.GatewayClient;
  readonly #endorser: peer.EndorserClient;
  readonly #discovery: discovery.DiscoveryClient;
  readonly deliver: peer.DeliverClient;

  constructor(address: string, credentials: grpc.ChannelCredentials, options: grpc.ClientOptions) {
    this.#gateway = new gateway.GatewayClient(address, credentials, options);
    this.#endorser = new peer.EndorserClient(address, credentials, options);
    this.#discovery = new discovery.DiscoveryClient(address, credentials, options);
    this.deliver = new peer.DeliverClient(address, credentials, options);
  }

  async evaluate({ transactionId, channel, signed }: SignedProposal): Promise<string> {
    const request = new gateway.EvaluateRequest();
    request.setTransactionId(transactionId);
    request.setChannelId(channel);
    request.setProposedTransaction(signed);
    const answer = await answered<gateway.EvaluateResponse>((options, reply) =>
      this.#gateway.evaluate(request, new grpc.Metadata(), options, reply),
    );
    return Buffer.from(answer.getResult()?.getPayload_asU8() ?? []).toString();
  }

  /** @param organizations - that endorse; if they are not named, the gateway chooses */
  async endorse(
    { transactionId, channel, signed }: SignedProposal,
    organizations: readonly string[] = [],
  ): Promise<common.Envelope> {
    const request = new gateway.EndorseRequest();
    request.setTransactionId(transactionId);
    request.setChannelId(channel);
    request.setProposedTransaction(signed);
    request.setEndorsingOrganizationsList([...organizations]);
    const answer = await answered<gateway.EndorseResponse>((options, reply) =>
      this.#gateway.endorse(request, new grpc.Metadata(), options, reply),
    );
    const envelope = answer.getPreparedTransaction();
    if (!envelope) throw new Error('the gateway prepared no transaction');
    return envelope;
  }

  async submit(
    { transactionId, channel }: Omit<SignedProposal, 'signed'>,
    envelope?: common.Envelope,
  ): Promise<'submitted'> {
    const request = new gateway.SubmitRequest();
    request.setTransactionId(transactionId);
    request.setChannelId(channel);
    if (envelope) request.setPreparedTransaction(envelope);
    await answered<gateway.SubmitResponse>((options, reply) =>
      this.#gateway.submit(request, new grpc.Metadata(), options, reply),
    );
    return 'submitted';
  }

  /** Name of the validation code and number of the block. */
  async commitStatus(signatory: Signatory, question: StatusQuestion): Promise<[string, number]> {
    const request = new gateway.CommitStatusRequest();
    request.setTransactionId(question.transactionId);
    request.setChannelId(question.channel ?? 'care');
    request.setIdentity(creatorOf(signatory));
    const bytes = question.bytes ?? request.serializeBinary();
    const signed = new gateway.SignedCommitStatusRequest();
    signed.setRequest(bytes);
    signed.setSignature(question.signature ?? (await sign(signatory, bytes)));
    const answer = await answered<gateway.CommitStatusResponse>(
      (options, reply) => this.#gateway.commitStatus(signed, new grpc.Metadata(), options, reply),
      question.wait,
    );
    return [validationName(answer.getResult()), answer.getBlockNumber()];
  }

  /** Status and message of the response, or what the endorser refused. */
  async processProposal(proposal: SignedProposal): Promise<readonly [number, string]> {
    const response = await this.respond(proposal);
    return [response.getStatus(), response.getMessage()];
  }

  /** The endorser's response, whatever its status. */
  async respond({ signed }: SignedProposal): Promise<peer.Response> {
    const answer = await answered<peer.ProposalResponse>((options, reply) =>
      this.#endorser.processProposal(signed, new grpc.Metadata(), options, reply),
    );
    return answer.getResponse() ?? new peer.Response();
  }

  discover(request: discovery.SignedRequest): Promise<discovery.Response> {
    return answered((options, reply) =>
      this.#discovery.discover(request, new grpc.Metadata(), options, reply),
    );
  }

  close(): void {
    for (const client of [this.#gateway, this.#endorser, this.#discovery, this.deliver]) client.close();
  }
}
