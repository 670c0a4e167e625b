import { type Channel } from '../channel.js';
import { disseminated } from '../collections/dissemination.js';
import { reasonOf } from '../errors.js';
import { type Identity } from '../msp/identity.js';
import { type MspManager } from '../msp/msp-manager.js';
import { type SigningIdentity } from '../msp/signing-identity.js';
import { emptyFootprint, type TransactionFootprint } from '../simulate/transaction-footprint.js';
import { TxSimulator } from '../simulate/tx-simulator.js';
import { type Snapshot } from '../store/snapshot.js';
import { messageType, type ChaincodeMessage } from '../wire/chaincode.js';
import { noBytes } from '../wire/message.js';
import { unreadable, WireError } from '../wire/reader.js';
import { type TxPvtReadWriteSet } from '../wire/rwset.js';
import {
  ChaincodeAction,
  ChaincodeEvent,
  ProposalResponsePayload,
  Response,
  type ProposalResponse,
} from '../wire/transaction.js';
import { Invocation, signedBy, simulationBase, type ChaincodeHost, type Place } from './invocation.js';
import { filterProposal, validateProposal, type UnpackedProposal } from './proposal.js';

/** Statuses from which on a response is an error, and an endorsement is refused. */
const errorThreshold = 400;
const errorStatus = 500;

/** What a peer makes of a proposal. */
export type Outcome =
  /** The request itself is refused before anything runs: by the filters in front of the endorser, or by the endorser. */
  | { readonly refused: string; readonly by: 'filter' | 'endorser' }
  | {
      readonly response: Partial<ProposalResponse> & { response: Response };
      /** What it touched, which says who else must endorse. */
      readonly footprint: TransactionFootprint;
    };

export interface EndorserOptions extends ChaincodeHost {
  readonly signer: SigningIdentity;
  /** Who may ask what concerns the peer alone: its own organisation. */
  readonly localMembers: MspManager;
  /** How many peers an organisation has. */
  readonly peersOf: (mspId: string) => number;
}

/** One organisation's endorsing peer. */
export class Endorser {
  readonly mspId: string;
  readonly #options: EndorserOptions;

  constructor(options: EndorserOptions) {
    this.mspId = options.mspId;
    this.#options = options;
  }

  /** What the peer signs with. */
  get signer(): SigningIdentity {
    return this.#options.signer;
  }

  serves(channel: string, chaincode: string): boolean {
    const { channels, systemChaincodes, chaincodes } = this.#options;
    const joined = channels.get(channel);
    return joined !== undefined && (systemChaincodes.has(chaincode) || chaincodes.runs(joined, chaincode));
  }

  /** Checks the proposal, simulates it on the snapshot (by default the latest state) and signs the outcome. */
  async process(proposal: UnpackedProposal, at?: Snapshot): Promise<Outcome> {
    const outcome = await this.#answer(proposal, at, true);
    if ('refused' in outcome) return outcome;
    const { payload, response } = outcome.response;
    if (payload === undefined || response.status >= errorThreshold) return outcome;
    const { signer } = this.#options;
    const endorsement = {
      endorser: signer.serialized,
      signature: signer.sign(Buffer.concat([payload, signer.serialized])),
    };
    return { ...outcome, response: { version: 1, response, payload, endorsement } };
  }

  /** As {@link process}, but for the signature and the private data, for who only wants to know the outcome. */
  async simulate(proposal: UnpackedProposal, at?: Snapshot): Promise<Outcome> {
    return this.#answer(proposal, at, false);
  }

  async #answer(proposal: UnpackedProposal, at: Snapshot | undefined, keep: boolean): Promise<Outcome> {
    const { channelId } = proposal.channelHeader;
    const channel = this.#options.channels.get(channelId);
    const members = channelId === '' ? this.#options.localMembers : channel?.members;
    const creator = members?.find(proposal.signatureHeader.creator);
    const filtered = filterProposal(proposal, creator);
    if (filtered !== undefined) return { refused: filtered, by: 'filter' };
    if (proposal.fault !== undefined) return { refused: proposal.fault, by: 'endorser' };
    if (channel === undefined && channelId !== '') return failure(`channel '${channelId}' not found`);
    const refused = this.#refusalOf(channel, proposal, creator);
    if (refused !== undefined) return { refused, by: 'endorser' };
    if (channel === undefined)
      return this.#runWithoutChannel(proposal).catch((error: unknown) => failure(reasonOf(error)));
    const snapshot = at?.retain() ?? channel.store.snapshot();
    try {
      return await this.#run(channel, proposal, snapshot, keep);
    } catch (error) {
      return failure(reasonOf(error));
    } finally {
      snapshot.release();
    }
  }

  /** What the endorser itself has against a proposal, if anything. System chaincodes control access themselves. */
  #refusalOf(
    channel: Channel | undefined,
    proposal: UnpackedProposal,
    creator: Identity | undefined,
  ): string | undefined {
    const { signatureHeader, channelHeader, chaincode } = proposal;
    try {
      validateProposal(proposal, creator);
    } catch (error) {
      return `error validating proposal: ${reasonOf(error)}`;
    }
    if (channel === undefined) return undefined;
    if (channel.store.transaction(channelHeader.txId) !== undefined)
      return `duplicate transaction found [${channelHeader.txId}]. Creator [${signatureHeader.creator.toString('hex')}]`;
    if (this.#options.systemChaincodes.has(chaincode)) return undefined;
    try {
      channel.config.checkAccess('peer/Propose', signedBy(proposal));
    } catch (error) {
      return reasonOf(error);
    }
    return undefined;
  }

  /** @param keep - whether private data is kept for the block that the transaction will be in */
  async #run(
    channel: Channel,
    proposal: UnpackedProposal,
    snapshot: Snapshot,
    keep: boolean,
  ): Promise<Outcome> {
    const { txId } = proposal.channelHeader;
    const simulator =
      this.#options.systemChaincodes.get(proposal.chaincode)?.simulates === false
        ? undefined
        : new TxSimulator(txId, simulationBase(this.mspId, channel, snapshot));
    try {
      const { response, event, version } = await this.#simulate({ channel, simulator }, proposal);
      const { results, privateResults, footprint } = (await simulator?.finish()) ?? nothingSimulated;
      if (privateResults !== undefined) await this.#disseminate(channel, txId, privateResults, keep);
      const payload = ProposalResponsePayload.encode({
        proposalHash: proposal.hash,
        extension: ChaincodeAction.encode({
          results,
          events: event && ChaincodeEvent.encode(event),
          response,
          chaincodeId: { name: proposal.chaincode, version, path: '' },
        }),
      });
      if (response.status >= errorThreshold && response.status < errorStatus)
        return { response: { response }, footprint };
      return { response: { response, payload }, footprint };
    } finally {
      await simulator?.close();
    }
  }

  /** A call that concerns the peer alone: there is nothing to endorse. */
  async #runWithoutChannel(proposal: UnpackedProposal): Promise<Outcome> {
    const { response } = await this.#simulate({ channel: undefined, simulator: undefined }, proposal);
    return { response: { response }, footprint: emptyFootprint };
  }

  async #disseminate(
    channel: Channel,
    txId: string,
    written: TxPvtReadWriteSet,
    keep: boolean,
  ): Promise<void> {
    const { store } = channel;
    try {
      const reached = disseminated(channel, this.mspId, written, this.#options.peersOf);
      if (keep) await store.privateData.stage(txId, reached, store.height);
    } catch (error) {
      throw new Error(
        `error in simulation: failed to distribute private collection, txID ${txId}, channel ${channel.name}: ${reasonOf(error)}`,
        { cause: error },
      );
    }
  }

  async #simulate(
    place: Place,
    proposal: UnpackedProposal,
  ): Promise<{ response: Response; event: ChaincodeEvent | undefined; version: string }> {
    const { txId } = proposal.channelHeader;
    const { chaincode } = proposal;
    const invocation = new Invocation(this.#options, proposal);
    let version: string;
    try {
      version = invocation.versionOf(place, chaincode);
    } catch (error) {
      throw new Error(
        `make sure the chaincode ${chaincode} has been successfully defined on channel ${place.channel?.name ?? ''} and try again: ${reasonOf(error)}`,
        { cause: error },
      );
    }
    let answer: ChaincodeMessage;
    try {
      answer = await invocation.execute(place, chaincode, proposal.input, proposal.isInit);
    } catch (error) {
      throw new Error(`error in simulation: failed to execute transaction ${txId}: ${reasonOf(error)}`, {
        cause: error,
      });
    }
    if (answer.type === messageType.error)
      throw new Error(
        `error in simulation: transaction returned with failure: ${answer.payload.toString('utf8')}`,
      );
    const response = readResponse(answer.payload, txId);
    const event =
      answer.chaincodeEvent === undefined || response.status >= errorThreshold
        ? undefined
        : { ...answer.chaincodeEvent, chaincodeId: chaincode, txId };
    return { response, event, version };
  }
}

/** What there is of a transaction that has no state to look at. */
const nothingSimulated = { results: noBytes, privateResults: undefined, footprint: emptyFootprint };

function failure(message: string): Outcome {
  return {
    response: { response: { status: errorStatus, message, payload: Buffer.alloc(0) } },
    footprint: emptyFootprint,
  };
}

/** What a chaincode answered. @throws if it is no response. */
function readResponse(payload: Buffer, txId: string): Response {
  try {
    return Response.decode(payload);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new Error(
      `error in simulation: failed to unmarshal response for transaction ${txId}: ${unreadable}`,
      { cause: error },
    );
  }
}
