import { status } from '@grpc/grpc-js';
import { type Channel, type Channels } from '../channel.js';
import { type AclResource } from '../config/acl.js';
import { unpackProposal, type UnpackedProposal } from '../endorser/proposal.js';
import { reasonOf } from '../errors.js';
import { RpcError } from '../grpc.js';
import { chaincodeConcern, concernsOf, guarded, noMetadata, type Concern } from '../discovery/concerns.js';
import { endorsersOf } from '../discovery/endorsers.js';
import { UnsatisfiablePolicyError } from '../policy/endorsement-groups.js';
import { type OrderingService } from '../orderer/ordering-service.js';
import { type SignedData } from '../policy/policy-manager.js';
import { type Snapshot } from '../store/snapshot.js';
import { Envelope, Payload, status as ledgerStatus, statusName } from '../wire/common.js';
import { noBytes, type MessageType } from '../wire/message.js';
import { unreadable, WireError } from '../wire/reader.js';
import {
  CommitStatusRequest,
  CommitStatusResponse,
  EndorseRequest,
  EndorseResponse,
  EvaluateRequest,
  EvaluateResponse,
  SignedRequest,
  SubmitRequest,
  type ErrorDetail,
} from '../wire/services.js';
import { ChaincodeActionPayload, Transaction } from '../wire/transaction.js';
import { type Endorsed, EndorsementPlan } from './endorsement-plan.js';
import { detailOf, judge, type KnownPeer } from './known-peer.js';

export interface GatewayOptions {
  /** The peer that this gateway is part of. */
  readonly local: KnownPeer;
  /** All peers of the network, the local one among them. */
  readonly peers: readonly KnownPeer[];
  readonly channels: Channels;
  /** Takes what any of the orderers would. */
  readonly ordering: OrderingService;
  /** The ordering service's nodes; the first is named where it fails. */
  readonly orderers: readonly { readonly address: string; readonly mspId: string }[];
}

/** The gateway of one peer: `gateway.Gateway` but for the events. */
export class Gateway {
  readonly #options: GatewayOptions;

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  async evaluate(bytes: Buffer): Promise<Buffer> {
    const { proposal, request, chaincode } = decode(() => {
      const decoded = EvaluateRequest.decode(bytes);
      const unpacked = unpackProposal(decoded.proposedTransaction);
      return { request: decoded, proposal: unpacked, chaincode: chaincodeOf(unpacked) };
    }, 'failed to unpack transaction proposal: ');
    const channel = proposal.channelHeader.channelId;
    const { local } = this.#options;
    if (!this.#options.channels.has(channel)) throw new RpcError(status.UNAVAILABLE, noConfig(channel));
    const onlyLocal = proposal.hasTransientData && request.targetOrganizations.length === 0;
    const targets = onlyLocal ? [local.mspId] : request.targetOrganizations;
    const candidates = this.#endorsersOf(channel, chaincode)
      .filter(({ mspId }) => targets.length === 0 || targets.includes(mspId))
      .sort((a, b) => distance(a, local) - distance(b, local));
    const none = `no peers available to evaluate chaincode ${chaincode} in channel ${channel}`;
    const details: ErrorDetail[] = [];
    let code = status.FAILED_PRECONDITION;
    for (const peer of candidates) {
      const verdict = judge(await peer.endorser.simulate(proposal), peer === local);
      if (verdict.ok) {
        const { response } = verdict.outcome.response;
        return EvaluateResponse.encode({ result: response });
      }
      details.push(detailOf(peer, verdict.message));
      ({ code } = verdict);
      if (!verdict.retry)
        throw new RpcError(code, `evaluate call to endorser returned error: ${verdict.message}`, details);
    }
    if (details.length > 0)
      throw new RpcError(code, 'failed to evaluate transaction, see attached details for more info', details);
    throw new RpcError(
      code,
      onlyLocal
        ? `no endorsers found in the gateway's organization; retry specifying target organization(s) to protect transient data: ${none}`
        : none,
    );
  }

  async endorse(bytes: Buffer): Promise<Buffer> {
    const { proposal, request } = decode(() => {
      const decoded = EndorseRequest.decode(bytes);
      const unpacked = unpackProposal(decoded.proposedTransaction);
      if (unpacked.signed.proposalBytes.length === 0)
        throw new Error('the proposed transaction must contain a signed proposal');
      return { request: decoded, proposal: unpacked };
    });
    // A peer gives no reason here either.
    if (proposal.channelHeader.channelId === '') throw new RpcError(status.FAILED_PRECONDITION, '');
    const snapshot = this.#options.channels.get(proposal.channelHeader.channelId)?.store.snapshot();
    try {
      const endorsed =
        request.endorsingOrganizations.length > 0
          ? await this.#endorseBy(request.endorsingOrganizations, proposal, snapshot)
          : await this.#endorseByPolicy(proposal, snapshot);
      return EndorseResponse.encode({ preparedTransaction: assemble(proposal, endorsed) });
    } finally {
      snapshot?.release();
    }
  }

  async #endorseBy(
    organizations: readonly string[],
    proposal: UnpackedProposal,
    snapshot: Snapshot | undefined,
  ): Promise<Endorsed> {
    const { channelId } = proposal.channelHeader;
    const { channels, local } = this.#options;
    if (!channels.has(channelId)) throw new RpcError(status.UNAVAILABLE, noConfig(channelId));
    const available = this.#endorsersOf(channelId, proposal.specification?.chaincodeId?.name ?? '');
    const wanted = [...new Set(organizations)];
    const missing = wanted.filter((mspId) => !available.some((peer) => peer.mspId === mspId));
    if (missing.length > 0)
      throw new RpcError(
        status.UNAVAILABLE,
        `failed to find any endorsing peers for org(s): ${missing.join(', ')}`,
      );
    const peers = available.filter(({ mspId }) => wanted.includes(mspId));
    return collect(EndorsementPlan.ofOrganizations(peers, local), proposal, snapshot);
  }

  /** First a local peer, whose simulation tells which chaincodes are concerned; then those that the policies need. */
  async #endorseByPolicy(proposal: UnpackedProposal, snapshot: Snapshot | undefined): Promise<Endorsed> {
    const { local, channels } = this.#options;
    const { channelId } = proposal.channelHeader;
    const channel = channels.get(channelId);
    const chaincode = proposal.specification?.chaincodeId?.name ?? '';
    const members = this.#options.peers.filter(({ mspId }) => channel?.organizations.includes(mspId));
    const plan = (concerns: readonly Concern[]) => {
      try {
        if (channel === undefined) throw noMetadata(chaincode, channelId);
        return new EndorsementPlan(endorsersOf(channel, concerns, members), local);
      } catch (error) {
        if (!(error instanceof UnsatisfiablePolicyError)) throw error;
        throw new RpcError(
          status.FAILED_PRECONDITION,
          `no combination of peers can be derived which satisfy the endorsement policy: ${error.message}`,
        );
      }
    };
    const own = this.#endorsersOf(channelId, chaincode).filter(({ mspId }) => mspId === local.mspId);
    if (own.length === 0 && proposal.hasTransientData)
      throw new RpcError(
        status.FAILED_PRECONDITION,
        "no endorsers found in the gateway's organization; retry specifying endorsing organization(s) to protect transient data",
      );
    const opening =
      own.length > 0 ? EndorsementPlan.ofOrganizations(own, local) : plan([chaincodeConcern(chaincode)]);
    const first = await opening.first((peer) => peer.endorser.process(proposal, snapshot));
    if (first === undefined)
      throw new RpcError(
        status.ABORTED,
        'failed to endorse transaction, see attached details for more info',
        opening.details,
      );
    // As a peer's gateway plans: by the state that was touched, even if the chaincode that was called is not concerned
    // then, so that validation will miss its endorsements.
    const touched = concernsOf(first.outcome.footprint);
    const concerns = touched.length > 0 ? touched : [chaincodeConcern(chaincode)];
    const going = (proposal.hasTransientData ? guardedPlan(plan, concerns) : plan(concerns)).prefer(
      first.peer,
    );
    going.add(first.peer, first.outcome);
    return collect(going, proposal, snapshot);
  }

  #endorsersOf(channel: string, chaincode: string): KnownPeer[] {
    return this.#options.peers.filter(({ endorser }) => endorser.serves(channel, chaincode));
  }

  async submit(bytes: Buffer): Promise<Buffer> {
    const { preparedTransaction, channelId } = decode(() => SubmitRequest.decode(bytes));
    // Absent, not just empty.
    if (preparedTransaction === noBytes)
      throw new RpcError(status.INVALID_ARGUMENT, 'a prepared transaction is required');
    if (decode(() => Envelope.decode(preparedTransaction)).signature.length === 0)
      throw new RpcError(status.INVALID_ARGUMENT, 'prepared transaction must be signed');
    const { ordering, orderers, channels } = this.#options;
    if (!channels.has(channelId)) throw new RpcError(status.FAILED_PRECONDITION, noConfig(channelId));
    const answer = await ordering.broadcast(preparedTransaction);
    if (answer.status === ledgerStatus.success) return Buffer.alloc(0);
    const text = `received unsuccessful response from orderer: status=${statusName(answer.status)}, info=${answer.info}`;
    if (answer.status >= 400 && answer.status < 500) throw new RpcError(status.ABORTED, text);
    throw new RpcError(
      status.UNAVAILABLE,
      'no orderers could successfully process transaction',
      orderers.slice(0, 1).map(({ address, mspId }) => ({ address, mspId, message: text })),
    );
  }

  async commitStatus(bytes: Buffer, ended: () => AbortSignal): Promise<Buffer> {
    const { request: data, signature } = decode(() => SignedRequest.decode(bytes));
    if (data.length === 0) throw new RpcError(status.INVALID_ARGUMENT, 'a commit status request is required');
    const request = decodeSigned(CommitStatusRequest, data, 'status');
    if (request.identity.length === 0) throw new RpcError(status.INVALID_ARGUMENT, 'no identity provided');
    if (request.channelId === '') throw new RpcError(status.INVALID_ARGUMENT, 'no channel ID provided');
    if (request.transactionId === '')
      throw new RpcError(status.INVALID_ARGUMENT, 'transaction ID should not be empty');
    const channel = permittedChannel(this.#options.channels, request.channelId, 'gateway/CommitStatus', {
      identity: request.identity,
      data,
      signature,
    });
    const location =
      channel.store.transaction(request.transactionId) ??
      (await channel.feed.transaction(request.transactionId, ended()).catch((error: unknown) => {
        throw new RpcError(status.ABORTED, reasonOf(error));
      }));
    return CommitStatusResponse.encode({ result: location.code, blockNumber: location.block });
  }
}

/** The channel, if the signer may use this of it. @throws {@link RpcError} PERMISSION_DENIED. */
export function permittedChannel(
  channels: Channels,
  name: string,
  resource: AclResource,
  signed: SignedData,
): Channel {
  const channel = channels.get(name);
  if (channel === undefined)
    throw new RpcError(status.PERMISSION_DENIED, `Failed to get policy manager for channel [${name}]`);
  try {
    channel.config.checkAccess(resource, signed);
  } catch (error) {
    throw new RpcError(status.PERMISSION_DENIED, reasonOf(error));
  }
  return channel;
}

function decode<T>(read: () => T, prefix = ''): T {
  try {
    return read();
  } catch (error) {
    throw new RpcError(status.INVALID_ARGUMENT, prefix + reasonOf(error));
  }
}

/** Reads what a client signed. @throws {@link RpcError} INVALID_ARGUMENT. */
export function decodeSigned<T>(type: MessageType<T>, data: Buffer, what: string): T {
  try {
    return type.decode(data);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new RpcError(status.INVALID_ARGUMENT, `invalid ${what} request: ${unreadable}`);
  }
}

/** The chaincode that a proposal is for. @throws with what is missing. */
function chaincodeOf({ signed, channelHeader, specification }: UnpackedProposal): string {
  const { channelId } = channelHeader;
  if (signed.proposalBytes.length === 0) throw new Error('a signed proposal is required');
  if (channelId === '') throw new Error('no channel id provided');
  if (specification === undefined)
    throw new Error(`no chaincode spec is provided, channel id [${channelId}]`);
  const name = specification.chaincodeId?.name ?? '';
  if (name === '') throw new Error(`no chaincode id is provided, channel id [${channelId}]`);
  return name;
}

/**
 * The plan for a transaction with transient data, which goes to nobody who may not keep what it writes to collections.
 * @throws {@link RpcError} that says so if this caution leaves nobody to endorse.
 */
function guardedPlan(
  plan: (concerns: readonly Concern[]) => EndorsementPlan,
  concerns: readonly Concern[],
): EndorsementPlan {
  try {
    return plan(guarded(concerns));
  } catch (error) {
    const written = concerns.flatMap(({ collection, needsData }) =>
      collection === undefined || needsData ? [] : [collection],
    );
    if (written.length === 0) throw error;
    // Throws itself if it is not the caution.
    plan(concerns);
    throw new RpcError(
      status.FAILED_PRECONDITION,
      `requires endorsement from organisation(s) that are not in the distribution policy of the private data collection(s): [${written.join(' ')}]; retry specifying trusted endorsing organizations to protect transient data`,
    );
  }
}

const noConfig = (channel: string) =>
  `failed to get config for channel [${channel}]: could not get last config for channel ${channel}`;

/** The gateway's own peer is nearest, then those of its organisation. */
const distance = (peer: KnownPeer, local: KnownPeer): number =>
  peer === local ? 0 : peer.mspId === local.mspId ? 1 : 2;

async function collect(
  plan: EndorsementPlan,
  proposal: UnpackedProposal,
  snapshot: Snapshot | undefined,
): Promise<Endorsed> {
  const endorsed = await plan.collect((peer) => peer.endorser.process(proposal, snapshot));
  if (endorsed !== undefined) return endorsed;
  throw new RpcError(
    status.ABORTED,
    'failed to collect enough transaction endorsements, see attached details for more info',
    plan.details,
  );
}

/** The transaction's envelope, for the client to sign. */
function assemble(proposal: UnpackedProposal, { payload, endorsements }: Endorsed): Buffer {
  const action = ChaincodeActionPayload.encode({
    chaincodeProposalPayload: proposal.payloadForTransaction,
    action: {
      proposalResponsePayload: payload,
      endorsements: [...endorsements],
    },
  });
  const data = Transaction.encode({
    actions: [{ header: proposal.header.signatureHeader, payload: action }],
  });
  return Envelope.encode({ payload: Payload.encode({ header: proposal.header, data }) });
}
