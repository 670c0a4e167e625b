import { Client, type ServiceError } from '@grpc/grpc-js';
import { gateway, orderer, peer } from '@hyperledger/fabric-protos';
import { randomBytes } from 'node:crypto';
import { transactionIdOf } from '../endorser/proposal.js';
import {
  ChannelHeader,
  Envelope,
  Header,
  headerType,
  Payload,
  SerializedIdentity,
  SignatureHeader,
} from '../wire/common.js';
import { type Decoded } from '../wire/message.js';
import {
  BroadcastResponse,
  CommitStatusRequest,
  CommitStatusResponse,
  DeliverResponse,
  EndorseRequest,
  EndorseResponse,
  EvaluateRequest,
  EvaluateResponse,
  SeekInfo,
  SignedRequest,
  SubmitRequest,
} from '../wire/services.js';
import {
  ChaincodeHeaderExtension,
  ChaincodeInvocationSpec,
  ChaincodeProposalPayload,
  Proposal,
  SignedProposal,
} from '../wire/transaction.js';
import { type User } from './client.js';
import { plainText, type Security } from './security.js';

/** What of a proposal may be made wrong on purpose. */
export interface ProposalOverrides {
  readonly header?: Partial<Decoded<typeof ChannelHeader>>;
  readonly nonce?: Buffer;
  readonly creator?: Buffer;
  readonly signature?: Buffer;
  readonly transient?: boolean;
}

export interface SignedTransactionProposal {
  readonly id: string;
  readonly channel: string;
  readonly bytes: Buffer;
}

/** Speaks to the network below the SDK, so that a test can send what no SDK would. */
export class RawClient {
  readonly #peer: Client;
  readonly #orderer: Client;

  constructor(
    readonly user: User,
    peerAddress: string,
    ordererAddress: string,
    readonly security: Security = plainText,
  ) {
    this.#peer = new Client(peerAddress, security.credentials);
    this.#orderer = new Client(ordererAddress, security.credentials);
  }

  get creator(): Buffer {
    const { mspId, credentials: certificate } = this.user.identity;
    return SerializedIdentity.encode({ mspid: mspId, idBytes: Buffer.from(certificate) });
  }

  async sign(data: Buffer): Promise<Buffer> {
    return Buffer.from(await this.user.signer(data));
  }

  async propose(
    channel: string,
    chaincode: string,
    args: readonly string[],
    overrides: ProposalOverrides = {},
  ): Promise<SignedTransactionProposal> {
    const signatureHeader = {
      creator: overrides.creator ?? this.creator,
      nonce: overrides.nonce ?? randomBytes(24),
    };
    const chaincodeId = { name: chaincode, path: '', version: '' };
    const id = overrides.header?.txId ?? transactionIdOf(signatureHeader);
    const header = Header.encode({
      channelHeader: ChannelHeader.encode({
        type: headerType.endorserTransaction,
        txId: id,
        channelId: channel,
        timestamp: now(),
        extension: ChaincodeHeaderExtension.encode({ chaincodeId }),
        ...overrides.header,
      }),
      signatureHeader: SignatureHeader.encode(signatureHeader),
    });
    const input = { args: args.map((arg) => Buffer.from(arg)), decorations: [], isInit: false };
    const payload = ChaincodeProposalPayload.encode({
      input: ChaincodeInvocationSpec.encode({ chaincodeSpec: { type: 0, chaincodeId, input, timeout: 0 } }),
      transientMap: overrides.transient === true ? [{ key: 'secret', value: Buffer.from('x') }] : [],
    });
    const proposalBytes = Proposal.encode({ header, payload });
    const signature = overrides.signature ?? (await this.sign(proposalBytes));
    return { id, channel, bytes: SignedProposal.encode({ proposalBytes, signature }) };
  }

  async evaluate(proposal: SignedTransactionProposal, targetOrganizations: string[] = []): Promise<string> {
    const request = EvaluateRequest.encode({ proposedTransaction: proposal.bytes, targetOrganizations });
    const answer = await this.call(gateway.GatewayService.evaluate.path, request);
    return EvaluateResponse.decode(answer).result?.payload.toString() ?? '';
  }

  /** The unsigned envelope. */
  async endorse(proposal: SignedTransactionProposal, endorsingOrganizations: string[] = []): Promise<Buffer> {
    const request = EndorseRequest.encode({ proposedTransaction: proposal.bytes, endorsingOrganizations });
    return EndorseResponse.decode(await this.call(gateway.GatewayService.endorse.path, request))
      .preparedTransaction;
  }

  async signEnvelope(envelope: Buffer): Promise<Buffer> {
    const { payload } = Envelope.decode(envelope);
    return Envelope.encode({ payload, signature: await this.sign(payload) });
  }

  submit(channelId: string, preparedTransaction: Buffer): Promise<Buffer> {
    return this.call(
      gateway.GatewayService.submit.path,
      SubmitRequest.encode({ channelId, preparedTransaction }),
    );
  }

  /** Through the orderer's own Broadcast. */
  broadcast(envelope: Buffer): Promise<Decoded<typeof BroadcastResponse>> {
    const call = this.#orderer.makeBidiStreamRequest<Buffer, Buffer>(
      orderer.AtomicBroadcastService.broadcast.path,
      identity,
      identity,
    );
    return new Promise((resolve, reject) => {
      call.on('data', (answer: Buffer) => {
        resolve(BroadcastResponse.decode(answer));
        call.end();
      });
      call.on('error', reject);
      call.write(envelope);
    });
  }

  async commitStatus(
    channelId: string,
    transactionId: string,
  ): Promise<Decoded<typeof CommitStatusResponse>> {
    const request = CommitStatusRequest.encode({ channelId, transactionId, identity: this.creator });
    const signed = SignedRequest.encode({ request, signature: await this.sign(request) });
    return CommitStatusResponse.decode(await this.call(gateway.GatewayService.commitStatus.path, signed));
  }

  /** Endorses, signs, submits and waits: the validation code. */
  async transact(
    channel: string,
    chaincode: string,
    args: readonly string[],
    organizations?: string[],
  ): Promise<number> {
    const proposal = await this.propose(channel, chaincode, args);
    const envelope = await this.signEnvelope(await this.endorse(proposal, organizations));
    await this.submit(channel, envelope);
    return (await this.commitStatus(channel, proposal.id)).result;
  }

  /** All answers of one Deliver request, at the peer (blocks or filtered) or the orderer. */
  async deliver(
    channelId: string,
    seek: Partial<Decoded<typeof SeekInfo>>,
    at: 'peer' | 'filtered' | 'orderer' = 'peer',
    overrides: {
      timestamp?: { seconds: number; nanos: number };
      signature?: Buffer;
      tlsCertHash?: Buffer;
    } = {},
  ): Promise<Decoded<typeof DeliverResponse>[]> {
    const channelHeader = ChannelHeader.encode({
      type: 5,
      channelId,
      timestamp: overrides.timestamp ?? now(),
      tlsCertHash: overrides.tlsCertHash ?? this.security.tlsCertificateHash ?? Buffer.alloc(0),
    });
    const signatureHeader = SignatureHeader.encode({ creator: this.creator, nonce: randomBytes(24) });
    const payload = Payload.encode({
      header: { channelHeader, signatureHeader },
      data: SeekInfo.encode(seek),
    });
    const signature = overrides.signature ?? (await this.sign(payload));
    const paths = {
      peer: peer.DeliverService.deliver.path,
      filtered: peer.DeliverService.deliverFiltered.path,
      orderer: orderer.AtomicBroadcastService.deliver.path,
    };
    const client = at === 'orderer' ? this.#orderer : this.#peer;
    const call = client.makeBidiStreamRequest<Buffer, Buffer>(paths[at], identity, identity);
    call.write(Envelope.encode({ payload, signature }));
    call.end();
    const answers: Decoded<typeof DeliverResponse>[] = [];
    for await (const answer of call as AsyncIterable<Buffer>) answers.push(DeliverResponse.decode(answer));
    return answers;
  }

  close(): void {
    this.#peer.close();
    this.#orderer.close();
  }

  /** Any unary method of the peer. */
  call(path: string, request: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#peer.makeUnaryRequest(
        path,
        identity,
        identity,
        request,
        (error: ServiceError | null, answer?: Buffer) => {
          if (answer === undefined) reject(error ?? new Error('no answer'));
          else resolve(answer);
        },
      );
    });
  }
}

const identity = (buffer: Buffer) => buffer;

function now(): { seconds: number; nanos: number } {
  const milliseconds = Date.now();
  return { seconds: Math.floor(milliseconds / 1000), nanos: (milliseconds % 1000) * 1_000_000 };
}
