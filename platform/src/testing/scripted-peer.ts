/**
 * A peer that speaks the gateway's protocol for real and does as a test says: it loses answers, refuses, conflicts and
 * repeats blocks at the moment the test needs it, which a true peer cannot be made to do.
 */
import {
  type handleServerStreamingCall,
  type sendUnaryData,
  Server,
  ServerCredentials,
  status,
} from '@grpc/grpc-js';
import { type handleBidiStreamingCall, Metadata, type ServerDuplexStream } from '@grpc/grpc-js';
import { common, gateway, google, orderer, peer } from '@hyperledger/fabric-protos';

/** How a call fails: with a gRPC status and what endpoints say. */
export interface Fault {
  readonly code: status;
  readonly endpoints?: readonly string[];
  /** For a submit: the transaction is ordered, and only the answer is lost. */
  readonly takesEffect?: boolean;
}

interface Call {
  readonly input: readonly string[];
  readonly transactionId: string;
}

const noChaincodeEvents: handleServerStreamingCall<unknown, unknown> = (call) => call.end();

export class ScriptedPeer {
  /** Faults of the next calls, by method; a method without any works. */
  readonly faults = {
    evaluate: [] as Fault[],
    endorse: [] as Fault[],
    submit: [] as Fault[],
    commitStatus: [] as Fault[],
  };
  /** Validation codes of the next transactions; VALID when there are none. */
  readonly codes: number[] = [];
  readonly calls = { evaluate: [] as Call[], endorse: [] as Call[], submit: [] as string[] };
  /** What a contract answers. */
  answer: (call: Call) => unknown = ({ input }) => ({ input });
  /** How answers are written. */
  encode: (answer: unknown) => string = JSON.stringify;
  /** The event that each transaction emits. */
  event: { name: string; payload: unknown } | undefined;
  /** Blocks to send before each stream goes on as it should. */
  readonly strayBlocks: number[] = [];

  readonly #blocks: common.Block[] = [];
  readonly #committed = new Map<string, { code: number; block: number }>();
  #onCommit = new Set<() => void>();
  readonly #streams = new Set<ServerDuplexStream<common.Envelope, peer.DeliverResponse>>();
  #server = new Server();
  #port = 0;

  static async start(): Promise<ScriptedPeer> {
    const started = new ScriptedPeer();
    started.#cut([]);
    await started.listen();
    return started;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get height(): number {
    return this.#blocks.length;
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  /** Listens, after a {@link kill} on the same port again. */
  async listen(): Promise<void> {
    const deliver: handleBidiStreamingCall<common.Envelope, peer.DeliverResponse> = (call) =>
      this.#deliver(call);
    this.#server = new Server();
    this.#server.addService(gateway.GatewayService, {
      endorse: this.#unary('endorse', (request: gateway.EndorseRequest) => this.#endorse(request)),
      evaluate: this.#unary('evaluate', (request: gateway.EvaluateRequest) => this.#evaluate(request)),
      submit: this.#unary('submit', (request: gateway.SubmitRequest) => this.#submit(request)),
      commitStatus: this.#unary('commitStatus', (request: gateway.SignedCommitStatusRequest) =>
        this.#status(request),
      ),
      chaincodeEvents: noChaincodeEvents,
    });
    this.#server.addService(peer.DeliverService, {
      deliver,
      deliverFiltered: deliver,
      deliverWithPrivateData: deliver,
    });
    this.#port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(this.address, ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      );
    });
  }

  /** Drops every connection and stops listening; what is committed stays. */
  kill(): void {
    this.#server.forceShutdown();
    this.#streams.clear();
  }

  /** Ends every stream of blocks in the middle. */
  breakStreams(): void {
    // What a handler emits as an error, the server sends as the status that ends the call.
    for (const stream of [...this.#streams]) stream.emit('error', serviceError({ code: status.UNAVAILABLE }));
    this.#streams.clear();
  }

  /** Commits a block with one event for each payload. */
  commitEvents(chaincode: string, name: string, payloads: readonly (readonly unknown[])[]): number {
    const envelopes = payloads.map((payload, index) => {
      const id = `${this.height}-${index}`;
      return envelopeOf({ id, chaincode, input: [], result: '', event: { name, payload } });
    });
    return this.#cut(envelopes.map((envelope) => ({ envelope, code: peer.TxValidationCode.VALID })));
  }

  #unary<Request, Response>(
    method: keyof ScriptedPeer['faults'],
    handle: (request: Request) => Response | Promise<Response>,
  ) {
    return (call: { request: Request }, callback: sendUnaryData<Response>): void => {
      const fault = this.faults[method].shift();
      if (fault && fault.takesEffect !== true) {
        callback(serviceError(fault));
        return;
      }
      Promise.resolve()
        .then(() => handle(call.request))
        .then(
          (response) => (fault ? callback(serviceError(fault)) : callback(null, response)),
          (error: unknown) =>
            callback(isFault(error) ? serviceError(error.fault) : { code: status.INTERNAL }),
        );
    };
  }

  #evaluate(request: gateway.EvaluateRequest): gateway.EvaluateResponse {
    const call = callOf(request.getProposedTransaction());
    this.calls.evaluate.push(call);
    const answer = new peer.Response();
    answer.setStatus(200);
    answer.setPayload(Buffer.from(this.encode(this.answer(call))));
    const response = new gateway.EvaluateResponse();
    response.setResult(answer);
    return response;
  }

  #endorse(request: gateway.EndorseRequest): gateway.EndorseResponse {
    const call = callOf(request.getProposedTransaction());
    if (this.#committed.has(call.transactionId)) {
      throw new FaultError({ code: status.ABORTED, endpoints: ['this id is on the ledger'] });
    }
    this.calls.endorse.push(call);
    const envelope = envelopeOf({
      id: call.transactionId,
      chaincode: 'suite',
      input: call.input,
      result: this.encode(this.answer(call)),
      event: this.event,
      channel: request.getChannelId(),
    });
    const response = new gateway.EndorseResponse();
    response.setPreparedTransaction(envelope);
    return response;
  }

  #submit(request: gateway.SubmitRequest): gateway.SubmitResponse {
    const id = request.getTransactionId();
    const envelope = request.getPreparedTransaction() ?? new common.Envelope();
    this.calls.submit.push(id);
    const code = this.#committed.has(id)
      ? peer.TxValidationCode.DUPLICATE_TXID
      : (this.codes.shift() ?? peer.TxValidationCode.VALID);
    const block = this.#cut([{ envelope, code }]);
    if (code !== peer.TxValidationCode.DUPLICATE_TXID) this.#committed.set(id, { code, block });
    return new gateway.SubmitResponse();
  }

  async #status(request: gateway.SignedCommitStatusRequest): Promise<gateway.CommitStatusResponse> {
    const id = gateway.CommitStatusRequest.deserializeBinary(request.getRequest_asU8()).getTransactionId();
    let committed = this.#committed.get(id);
    while (!committed) {
      await new Promise<void>((resolve) => this.#onCommit.add(resolve));
      committed = this.#committed.get(id);
    }
    const response = new gateway.CommitStatusResponse();
    response.setResult(committed.code as peer.TxValidationCodeMap[keyof peer.TxValidationCodeMap]);
    response.setBlockNumber(committed.block);
    return response;
  }

  #cut(transactions: readonly { envelope: common.Envelope; code: number }[]): number {
    const number = this.#blocks.length;
    const block = new common.Block();
    const header = new common.BlockHeader();
    header.setNumber(number);
    const data = new common.BlockData();
    data.setDataList(transactions.map(({ envelope }) => envelope.serializeBinary()));
    const metadata = new common.BlockMetadata();
    metadata.setMetadataList([
      new Uint8Array(),
      new Uint8Array(),
      Uint8Array.from(transactions, ({ code }) => code),
    ]);
    block.setHeader(header);
    block.setData(data);
    block.setMetadata(metadata);
    this.#blocks.push(block);
    const waiting = this.#onCommit;
    this.#onCommit = new Set();
    for (const notify of waiting) notify();
    return number;
  }

  #deliver(stream: ServerDuplexStream<common.Envelope, peer.DeliverResponse>): void {
    this.#streams.add(stream);
    stream.on('error', () => this.#streams.delete(stream));
    stream.on('cancelled', () => this.#streams.delete(stream));
    stream.once('data', (envelope: common.Envelope) => {
      const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
      const seek = orderer.SeekInfo.deserializeBinary(payload.getData_asU8());
      let next = seek.getStart()?.getSpecified()?.getNumber() ?? this.#blocks.length;
      for (const stray of this.strayBlocks.splice(0)) this.#send(stream, stray);
      const send = (): void => {
        if (!this.#streams.has(stream)) return;
        for (; next < this.#blocks.length; next += 1) this.#send(stream, next);
        this.#onCommit.add(send);
      };
      send();
    });
  }

  #send(stream: ServerDuplexStream<common.Envelope, peer.DeliverResponse>, number: number): void {
    const response = new peer.DeliverResponse();
    response.setBlock(this.#blocks[number]);
    stream.write(response);
  }
}

class FaultError extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super('as scripted');
    this.fault = fault;
  }
}

const isFault = (error: unknown): error is FaultError => error instanceof FaultError;

/** `google.protobuf.Any`, whose types are not among our dependencies. */
interface AnyMessage {
  setTypeUrl(url: string): void;
  setValue(bytes: Uint8Array): void;
}

function serviceError({ code, endpoints = [] }: Fault) {
  const metadata = new Metadata();
  if (endpoints.length > 0) {
    const details = new google.rpc.Status();
    details.setCode(code);
    for (const message of endpoints) {
      const detail = new gateway.ErrorDetail();
      detail.setAddress('peer.example:7051');
      detail.setMspId('HospitalAMSP');
      detail.setMessage(message);
      const any = details.addDetails() as AnyMessage;
      any.setTypeUrl('type.googleapis.com/gateway.ErrorDetail');
      any.setValue(detail.serializeBinary());
    }
    metadata.set('grpc-status-details-bin', Buffer.from(details.serializeBinary()));
  }
  return { code, details: 'as scripted', metadata };
}

function callOf(signed: peer.SignedProposal | undefined): Call {
  const proposal = peer.Proposal.deserializeBinary(signed?.getProposalBytes_asU8() ?? new Uint8Array());
  const header = common.Header.deserializeBinary(proposal.getHeader_asU8());
  const channelHeader = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
  const payload = peer.ChaincodeProposalPayload.deserializeBinary(proposal.getPayload_asU8());
  const invocation = peer.ChaincodeInvocationSpec.deserializeBinary(payload.getInput_asU8());
  const args = invocation.getChaincodeSpec()?.getInput()?.getArgsList_asU8() ?? [];
  return { input: args.map((arg) => Buffer.from(arg).toString()), transactionId: channelHeader.getTxId() };
}

interface Transaction {
  readonly id: string;
  readonly channel?: string;
  readonly chaincode: string;
  readonly input: readonly string[];
  readonly result: string;
  readonly event?: { readonly name: string; readonly payload: unknown } | undefined;
}

function envelopeOf(transaction: Transaction): common.Envelope {
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.ENDORSER_TRANSACTION);
  channelHeader.setTxId(transaction.id);
  channelHeader.setChannelId(transaction.channel ?? 'care');
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());

  const input = new peer.ChaincodeInput();
  input.setArgsList(transaction.input.map((arg) => Buffer.from(arg)));
  const spec = new peer.ChaincodeSpec();
  spec.setInput(input);
  const invocation = new peer.ChaincodeInvocationSpec();
  invocation.setChaincodeSpec(spec);
  const proposalPayload = new peer.ChaincodeProposalPayload();
  proposalPayload.setInput(invocation.serializeBinary());

  const response = new peer.Response();
  response.setStatus(200);
  response.setPayload(Buffer.from(transaction.result));
  const chaincodeAction = new peer.ChaincodeAction();
  chaincodeAction.setResponse(response);
  if (transaction.event) {
    const event = new peer.ChaincodeEvent();
    event.setChaincodeId(transaction.chaincode);
    event.setTxId(transaction.id);
    event.setEventName(transaction.event.name);
    event.setPayload(Buffer.from(JSON.stringify(transaction.event.payload)));
    chaincodeAction.setEvents(event.serializeBinary());
  }
  const responsePayload = new peer.ProposalResponsePayload();
  responsePayload.setExtension$(chaincodeAction.serializeBinary());
  const endorsed = new peer.ChaincodeEndorsedAction();
  endorsed.setProposalResponsePayload(responsePayload.serializeBinary());
  const actionPayload = new peer.ChaincodeActionPayload();
  actionPayload.setChaincodeProposalPayload(proposalPayload.serializeBinary());
  actionPayload.setAction(endorsed);
  const action = new peer.TransactionAction();
  action.setPayload(actionPayload.serializeBinary());
  const actions = new peer.Transaction();
  actions.setActionsList([action]);

  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(actions.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return envelope;
}
