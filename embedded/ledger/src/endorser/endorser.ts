import { type Channel } from '../channel.js';
import { reasonOf } from '../errors.js';
import { type Identity } from '../msp/identity.js';
import { type MspManager } from '../msp/msp-manager.js';
import { type SigningIdentity } from '../msp/signing-identity.js';
import { TxSimulator } from '../simulate/tx-simulator.js';
import { type Snapshot } from '../store/snapshot.js';
import { messageType, type ChaincodeMessage } from '../wire/chaincode.js';
import { noBytes } from '../wire/message.js';
import {
  ChaincodeAction,
  ChaincodeEvent,
  ProposalResponsePayload,
  Response,
  type ProposalResponse,
} from '../wire/transaction.js';
import { Invocation, signedBy, type ChaincodeHost, type Place } from './invocation.js';
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
      /** Namespaces in the read/write set. */
      readonly namespaces: readonly string[];
    };

export interface EndorserOptions extends ChaincodeHost {
  readonly mspId: string;
  readonly signer: SigningIdentity;
  /** Who may ask what concerns the peer alone: its own organisation. */
  readonly localMembers: MspManager;
}

/** One organisation's endorsing peer. */
export class Endorser {
  readonly mspId: string;
  readonly #options: EndorserOptions;

  constructor(options: EndorserOptions) {
    this.mspId = options.mspId;
    this.#options = options;
  }

  get identity(): SigningIdentity['identity'] {
    return this.#options.signer.identity;
  }

  serves(channel: string, chaincode: string): boolean {
    const { channels, systemChaincodes, chaincodes } = this.#options;
    const joined = channels.get(channel);
    return joined !== undefined && (systemChaincodes.has(chaincode) || chaincodes.runs(joined, chaincode));
  }

  /** Checks the proposal, simulates it on the snapshot (by default the latest state) and signs the outcome. */
  async process(proposal: UnpackedProposal, at?: Snapshot): Promise<Outcome> {
    const outcome = await this.simulate(proposal, at);
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

  /** As {@link process}, but for the signature, which nobody sees who only wants to know the outcome. */
  async simulate(proposal: UnpackedProposal, at?: Snapshot): Promise<Outcome> {
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
      return await this.#run(channel, proposal, snapshot);
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

  async #run(channel: Channel, proposal: UnpackedProposal, snapshot: Snapshot): Promise<Outcome> {
    const { systemChaincodes } = this.#options;
    const simulator =
      systemChaincodes.get(proposal.chaincode)?.simulates === false
        ? undefined
        : new TxSimulator(proposal.channelHeader.txId, snapshot);
    try {
      const { response, event, version } = await this.#simulate({ channel, simulator }, proposal);
      const { results, namespaces } = (await simulator?.finish()) ?? { results: noBytes, namespaces: [] };
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
        return { response: { response }, namespaces };
      return { response: { response, payload }, namespaces };
    } finally {
      await simulator?.close();
    }
  }

  /** A call that concerns the peer alone: there is nothing to endorse. */
  async #runWithoutChannel(proposal: UnpackedProposal): Promise<Outcome> {
    const { response } = await this.#simulate({ channel: undefined, simulator: undefined }, proposal);
    return { response: { response }, namespaces: [] };
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
    const response = Response.decode(answer.payload);
    const event =
      answer.chaincodeEvent === undefined || response.status >= errorThreshold
        ? undefined
        : { ...answer.chaincodeEvent, chaincodeId: chaincode, txId };
    return { response, event, version };
  }
}

function failure(message: string): Outcome {
  return {
    response: { response: { status: errorStatus, message, payload: Buffer.alloc(0) } },
    namespaces: [],
  };
}
