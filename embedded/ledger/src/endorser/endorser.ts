import { type ChaincodeConnection } from '../chaincode/chaincode-connection.js';
import { type TransactionContext } from '../chaincode/transaction-context.js';
import { type Channel, type Channels } from '../channel.js';
import { CollectionAccess } from '../collections/collection-access.js';
import { checkCollection } from '../collections/collection-check.js';
import { disseminated } from '../collections/dissemination.js';
import { reasonOf } from '../errors.js';
import { readSequence } from '../lifecycle/chaincode-definition.js';
import { lifecycleNamespace } from '../lifecycle/state-layout.js';
import { type Identity } from '../msp/identity.js';
import { type SigningIdentity } from '../msp/signing-identity.js';
import { type SignedData } from '../policy/policy-manager.js';
import { emptyFootprint, type TransactionFootprint } from '../simulate/transaction-footprint.js';
import { TxSimulator } from '../simulate/tx-simulator.js';
import { type Snapshot } from '../store/snapshot.js';
import { messageType, type ChaincodeMessage } from '../wire/chaincode.js';
import { unreadable, WireError } from '../wire/reader.js';
import { type TxPvtReadWriteSet } from '../wire/rwset.js';
import {
  ChaincodeAction,
  ChaincodeEvent,
  ProposalResponsePayload,
  Response,
  type ProposalResponse,
} from '../wire/transaction.js';
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

export interface EndorserOptions {
  readonly mspId: string;
  readonly signer: SigningIdentity;
  /** Channels that the organisation is in. */
  readonly channels: Channels;
  /** The organisation's own connection to a chaincode of a channel. */
  connectionOf(channel: string, chaincode: string): ChaincodeConnection | undefined;
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
    return this.#options.channels.get(channel)?.chaincodes.has(chaincode) === true;
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
    const creator = channel?.members.find(proposal.signatureHeader.creator);
    const filtered = filterProposal(proposal, creator);
    if (filtered !== undefined) return { refused: filtered, by: 'filter' };
    if (proposal.fault !== undefined) return { refused: proposal.fault, by: 'endorser' };
    if (channel === undefined)
      return failure(
        channelId === ''
          ? `make sure the chaincode ${proposal.chaincode} has been successfully defined on channel  and try again: could not get channel config for channel ''`
          : `channel '${channelId}' not found`,
      );
    const refused = refusalOf(channel, proposal, creator);
    if (refused !== undefined) return { refused, by: 'endorser' };
    const snapshot = at?.retain() ?? channel.store.snapshot();
    try {
      return await this.#run(channel, proposal, snapshot, keep);
    } catch (error) {
      return failure(reasonOf(error));
    } finally {
      snapshot.release();
    }
  }

  /** @param keep - whether private data is kept for the block that the transaction will be in */
  async #run(
    channel: Channel,
    proposal: UnpackedProposal,
    snapshot: Snapshot,
    keep: boolean,
  ): Promise<Outcome> {
    const chaincode = channel.chaincodes.get(proposal.chaincode);
    if (chaincode === undefined)
      throw new Error(
        `make sure the chaincode ${proposal.chaincode} has been successfully defined on channel ${channel.name} and try again: chaincode ${proposal.chaincode} not found`,
      );
    if (proposal.isInit)
      throw new Error(
        `error in simulation: failed to execute transaction ${proposal.channelHeader.txId}: invalid invocation: chaincode '${proposal.chaincode}' does not require initialization but called as init`,
      );
    const { txId } = proposal.channelHeader;
    const simulator = new TxSimulator(txId, {
      snapshot,
      mspId: this.mspId,
      checkCollection: (...check) => checkCollection(channel, ...check),
    });
    try {
      const { response, event } = await this.#simulate(channel, proposal, simulator);
      const { results, privateResults, footprint } = await simulator.finish();
      if (privateResults !== undefined) await this.#disseminate(channel, txId, privateResults, keep);
      const payload = ProposalResponsePayload.encode({
        proposalHash: proposal.hash,
        extension: ChaincodeAction.encode({
          results,
          events: event && ChaincodeEvent.encode(event),
          response,
          chaincodeId: { name: proposal.chaincode, version: chaincode.version, path: '' },
        }),
      });
      if (response.status >= errorThreshold && response.status < errorStatus)
        return { response: { response }, footprint };
      return { response: { response, payload }, footprint };
    } finally {
      await simulator.close();
    }
  }

  async #disseminate(
    channel: Channel,
    txId: string,
    written: TxPvtReadWriteSet,
    keep: boolean,
  ): Promise<void> {
    const { store } = channel;
    try {
      const reached = disseminated(channel, this.mspId, written);
      if (keep) await store.privateData.stage(txId, reached, store.height);
    } catch (error) {
      throw new Error(`error in simulation: ${reasonOf(error)}`, { cause: error });
    }
  }

  async #simulate(
    channel: Channel,
    proposal: UnpackedProposal,
    simulator: TxSimulator,
  ): Promise<{ response: Response; event: ChaincodeEvent | undefined }> {
    const { txId } = proposal.channelHeader;
    let answer: ChaincodeMessage;
    try {
      answer = await this.#execute(channel, proposal, simulator, proposal.chaincode, proposal.input);
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
        : { ...answer.chaincodeEvent, chaincodeId: proposal.chaincode, txId };
    return { response, event };
  }

  async #execute(
    channel: Channel,
    proposal: UnpackedProposal,
    simulator: TxSimulator,
    name: string,
    input: Buffer,
  ): Promise<ChaincodeMessage> {
    // Noted in the read set: the transaction is void if another definition is committed before it.
    readSequence((key) => simulator.getState(lifecycleNamespace, key), name);
    const connection = channel.chaincodes.has(name)
      ? this.#options.connectionOf(channel.name, name)
      : undefined;
    if (connection === undefined)
      throw new Error(
        `invalid invocation: [channel ${channel.name}] failed to get chaincode container info for ${name}: chaincode ${name} not found`,
      );
    const context: TransactionContext = {
      channelId: channel.name,
      txId: proposal.channelHeader.txId,
      namespace: name,
      simulator,
      collections: new CollectionAccess(
        channel,
        simulator,
        channel.members.find(proposal.signatureHeader.creator),
      ),
      store: channel.store,
      signedProposal: proposal.bytes,
      invoke: (called, calledInput) => {
        channel.config.checkAccess('peer/ChaincodeToChaincode', signedDataOf(proposal));
        return this.#execute(channel, proposal, simulator, called, calledInput);
      },
      queries: new Map(),
    };
    return connection.execute(context, input);
  }
}

/** What the endorser itself has against a proposal, if anything. */
function refusalOf(
  channel: Channel,
  proposal: UnpackedProposal,
  creator: Identity | undefined,
): string | undefined {
  const { signatureHeader, channelHeader } = proposal;
  try {
    validateProposal(proposal, creator);
  } catch (error) {
    return `error validating proposal: ${reasonOf(error)}`;
  }
  if (channel.store.transaction(channelHeader.txId) !== undefined)
    return `duplicate transaction found [${channelHeader.txId}]. Creator [${signatureHeader.creator.toString('hex')}]`;
  try {
    channel.config.checkAccess('peer/Propose', signedDataOf(proposal));
  } catch (error) {
    return reasonOf(error);
  }
  return undefined;
}

/** The proposal as policies look at it. */
const signedDataOf = ({ signed, signatureHeader }: UnpackedProposal): SignedData => ({
  identity: signatureHeader.creator,
  data: signed.proposalBytes,
  signature: signed.signature,
});

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
