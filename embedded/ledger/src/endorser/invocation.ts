import { type TransactionContext } from '../chaincode/transaction-context.js';
import { type Channel, type Channels } from '../channel.js';
import { CollectionAccess } from '../collections/collection-access.js';
import { checkCollection } from '../collections/collection-check.js';
import { reasonOf } from '../errors.js';
import { readSequence } from '../lifecycle/chaincode-definition.js';
import { type LocalChaincodes, type RunnableChaincode } from '../lifecycle/local-chaincodes.js';
import { lifecycleNamespace } from '../lifecycle/state-layout.js';
import { type SignedData } from '../policy/policy-manager.js';
import { type SimulationBase, TxSimulator } from '../simulate/tx-simulator.js';
import { type Snapshot } from '../store/snapshot.js';
import { systemChaincodeVersion, type SystemChaincode } from '../system/system-chaincode.js';
import { ChaincodeMessage, messageType } from '../wire/chaincode.js';
import { noBytes } from '../wire/message.js';
import { ChaincodeInput, Response } from '../wire/transaction.js';
import { type UnpackedProposal } from './proposal.js';

/** What a peer can run, and where. */
export interface ChaincodeHost {
  /** The peer's organisation. */
  readonly mspId: string;
  /** Channels that the organisation is in. */
  readonly channels: Channels;
  readonly chaincodes: LocalChaincodes;
  readonly systemChaincodes: ReadonlyMap<string, SystemChaincode>;
}

/** Where a chaincode runs: its channel's state, or nowhere for a system chaincode that needs none. */
export interface Place {
  readonly channel: Channel | undefined;
  readonly simulator: TxSimulator | undefined;
}

/** Key under which a chaincode's namespace says which version of it has been initialized. */
const initializedKey = '\u0000\u{10ffff}initialized';

/** The client's request, as whoever controls access looks at it. */
export const signedBy = ({ signed, signatureHeader }: UnpackedProposal): SignedData => ({
  identity: signatureHeader.creator,
  data: signed.proposalBytes,
  signature: signed.signature,
});

/** What a peer simulates on. */
export const simulationBase = (mspId: string, channel: Channel, snapshot: Snapshot): SimulationBase => ({
  snapshot,
  mspId,
  checkCollection: (...check) => checkCollection(channel, ...check),
});

/** One proposal on one peer: runs the chaincode that it names, and those that this one calls. */
export class Invocation {
  readonly #host: ChaincodeHost;
  readonly #proposal: UnpackedProposal;

  constructor(host: ChaincodeHost, proposal: UnpackedProposal) {
    this.#host = host;
    this.#proposal = proposal;
  }

  /**
   * The version of a chaincode that endorsements name.
   * @throws if it cannot run here, in Fabric's words.
   */
  versionOf({ channel, simulator }: Place, name: string): string {
    if (this.#host.systemChaincodes.has(name)) return systemChaincodeVersion;
    return this.#runnable(channel, simulator, name).version;
  }

  /** Runs a chaincode; `input` is a `ChaincodeInput`. */
  async execute(
    { channel, simulator }: Place,
    name: string,
    input: Buffer,
    isInit: boolean,
  ): Promise<ChaincodeMessage> {
    const system = this.#host.systemChaincodes.get(name);
    if (system !== undefined) {
      const { args } = ChaincodeInput.decode(input);
      const { chaincode: proposed } = this.#proposal;
      const signed = signedBy(this.#proposal);
      return completed(await system.invoke({ args, channel, signed, proposed, simulator }));
    }
    let runnable: RunnableChaincode;
    try {
      runnable = this.#runnable(channel, simulator, name);
    } catch (error) {
      throw new Error(
        `invalid invocation: [channel ${channel?.name ?? ''}] failed to get chaincode container info for ${name}: ${reasonOf(error)}`,
        { cause: error },
      );
    }
    if (channel === undefined || simulator === undefined)
      throw new Error('could not get valid transaction: no ledger context');
    checkInitialization(runnable, simulator, name, isInit);
    const context: TransactionContext = {
      channelId: channel.name,
      txId: this.#proposal.channelHeader.txId,
      namespace: name,
      simulator,
      collections: new CollectionAccess(
        channel,
        simulator,
        channel.members.find(this.#proposal.signatureHeader.creator),
      ),
      store: channel.store,
      signedProposal: this.#proposal.bytes,
      invoke: (target, called, calledInput) =>
        this.#call({ channel, simulator }, target, called, calledInput),
      queries: new Map(),
    };
    return runnable.connection.execute(context, input, isInit);
  }

  /**
   * A chaincode calls another. On another channel it reads and no more: what it writes there is dropped, and what it reads
   * is not looked at again when the transaction is validated.
   */
  async #call(caller: Place, target: string, name: string, input: Buffer): Promise<ChaincodeMessage> {
    const { isInit } = ChaincodeInput.decode(input);
    const channelId = target === '' ? (caller.channel?.name ?? '') : target;
    const channel = this.#host.channels.get(channelId);
    if (!this.#host.systemChaincodes.has(name)) {
      if (channel === undefined) throw new Error(`Failed to get policy manager for channel [${channelId}]`);
      channel.config.checkAccess('peer/ChaincodeToChaincode', signedBy(this.#proposal));
    }
    if (channel === undefined) throw new Error(`failed to find ledger for channel: ${channelId}`);
    const execute = (place: Place) =>
      this.execute(place, name, input, isInit).catch((error: unknown) => {
        throw new Error(`execute failed: ${reasonOf(error)}`, { cause: error });
      });
    if (channel === caller.channel) return execute(caller);
    const snapshot = channel.store.snapshot();
    const base = simulationBase(this.#host.mspId, channel, snapshot);
    const simulator = new TxSimulator(this.#proposal.channelHeader.txId, base);
    try {
      return await execute({ channel, simulator });
    } finally {
      await simulator.close();
      snapshot.release();
    }
  }

  /** Notes in the read set which definition the transaction goes by: it is void if another is committed before it. */
  #runnable(
    channel: Channel | undefined,
    simulator: TxSimulator | undefined,
    name: string,
  ): RunnableChaincode {
    if (channel === undefined) throw new Error("could not get channel config for channel ''");
    const read = (key: string) => simulator?.getState(lifecycleNamespace, key);
    return this.#host.chaincodes.runnable(channel, name, readSequence(read, name));
  }
}

/** Chaincodes whose definition asks for it begin each version with one call as init, and with nothing else. */
function checkInitialization(
  { initRequired, version }: RunnableChaincode,
  simulator: TxSimulator,
  name: string,
  isInit: boolean,
): void {
  const needed =
    initRequired && simulator.getState(name, initializedKey)?.equals(Buffer.from(version)) !== true;
  const refusal = (what: string) => new Error(`invalid invocation: chaincode '${name}' ${what}`);
  if (!isInit) {
    if (needed) throw refusal('has not been initialized for this version, must call as init first');
    return;
  }
  if (!initRequired) throw refusal('does not require initialization but called as init');
  if (!needed) throw refusal('is already initialized but called as init');
  simulator.setState(name, initializedKey, Buffer.from(version));
}

const completed = (response: Response): ChaincodeMessage => ({
  ...ChaincodeMessage.decode(noBytes),
  type: messageType.completed,
  payload: Response.encode(response),
});
