import { type ChaincodeInterface } from 'fabric-shim-api';
import { randomBytes } from 'node:crypto';
import { type ContractClass, dispatcherOf } from '../server/dispatcher.js';
import { BenchAuthority, type BenchIdentity, type EnrolmentOptions } from './identities.js';
import { inputOf, propose, type SignedCall } from './proposal.js';
import { type Exchange, inputsOf, outcomeOf, recording, type RecordedRun } from './recording.js';
import { type InvokedResponse, Simulation, type ValidationCode } from './simulation.js';
import { newStub } from './stub.js';
import { WorldState } from './world-state.js';

/** An event that a transaction emitted. */
export interface BenchEvent {
  readonly name: string;
  /** Parsed from JSON. */
  readonly payload: unknown;
}

/** A transaction that was endorsed and not yet committed. */
export interface Endorsed {
  readonly transaction: string;
  /** Parsed from JSON. */
  readonly result: unknown;
  readonly event?: BenchEvent;
  /** Key to bytes, undefined for a deletion; in key order. */
  readonly writes: ReadonlyMap<string, Uint8Array | undefined>;
  readonly simulation: Simulation;
  /** What it made other chaincodes do. */
  readonly invoked: readonly Invoked[];
  readonly at: Date;
}

/** What a transaction did in another chaincode: committed with it, or not at all. */
interface Invoked {
  readonly bench: ContractBench;
  readonly simulation: Simulation;
}

/** A contract's refusal, in the words that a peer would pass on. */
export class TransactionRefused extends Error {
  override readonly name = 'TransactionRefused';

  /** First word of a coded refusal; undefined for an error that the contract did not mean. */
  get code(): string | undefined {
    return /^([A-Z][A-Z0-9_]*): /.exec(this.message)?.[1];
  }
}

/** A transaction that was endorsed and found invalid at commit. */
export class TransactionInvalid extends Error {
  override readonly name = 'TransactionInvalid';

  constructor(readonly code: ValidationCode) {
    super(`transaction is invalid: ${code}`);
  }
}

export interface BenchOptions {
  readonly contracts: readonly ContractClass[];
  readonly channel?: string;
  readonly chaincode?: string;
  /** First transaction timestamp; each transaction is a millisecond later. */
  readonly start?: string;
  /** Other chaincodes, which the contracts may call; on another channel they are read alone. Their clocks are their own. */
  readonly others?: readonly ContractBench[];
  /** Reads what a transaction answers; JSON unless said. */
  readonly decode?: (transaction: string, payload: Uint8Array) => unknown;
  /** Is told of every run that a test asks for, with everything to repeat it. */
  readonly observe?: (run: RecordedRun) => void;
}

/** Lowest status of a response that refuses. */
const failing = 400;

/**
 * A ledger of one channel in memory for testing contracts without a network. Transactions run through the shim's own
 * dispatcher and stub, are signed by real certificates, and follow Fabric's rules: a transaction reads the committed state
 * and never its own writes, a refused one leaves nothing, and one that read what has changed since is invalid.
 *
 * @example
 * const bench = new ContractBench({ contracts: [Registration] });
 * const hospital = await bench.enrol('HospitalAMSP', 'registrar');
 * await bench.submit(hospital, 'Registration:RegisterInstitutions', { institutions: [ … ] });
 */
export class ContractBench {
  readonly #chaincode: ChaincodeInterface;
  readonly #channel: string;
  readonly #name: string;
  readonly #state = new WorldState();
  readonly #others: ReadonlyMap<string, ContractBench>;
  readonly #decode: (transaction: string, payload: Uint8Array) => unknown;
  readonly #observe: BenchOptions['observe'];
  readonly #authorities = new Map<string, Promise<BenchAuthority>>();
  #now: number;
  #height = 0;

  constructor({
    contracts,
    channel = 'bench',
    chaincode = 'bench',
    start = '2026-01-01T00:00:00.000Z',
    others = [],
    decode = (_transaction, payload) => parse(payload),
    observe,
  }: BenchOptions) {
    this.#observe = observe;
    this.#others = new Map(others.map((bench) => [bench.#name, bench]));
    this.#decode = decode;
    this.#chaincode = dispatcherOf(contracts, chaincode, '1.0');
    this.#channel = channel;
    this.#name = chaincode;
    this.#now = Date.parse(start);
  }

  /** A new identity, with a key and certificate of its own, of an organisation; without a name, a person. */
  async enrol(mspId: string, name?: string, options?: EnrolmentOptions): Promise<BenchIdentity> {
    const authority = this.#authorities.get(mspId) ?? BenchAuthority.create(mspId);
    this.#authorities.set(mspId, authority);
    return (await authority).enrol(name, options);
  }

  /** Timestamp of the last transaction. */
  get now(): Date {
    return new Date(this.#now);
  }

  /** Keys that have a committed value. */
  keys(): string[] {
    return this.#state.keys();
  }

  /** Lets time pass before the next transaction. */
  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }

  /** Endorses and commits. @throws {@link TransactionRefused}, {@link TransactionInvalid}. */
  async submit(identity: BenchIdentity, transaction: string, ...args: unknown[]): Promise<Endorsed> {
    const endorsed = await this.endorse(identity, transaction, ...args);
    const [code = 'VALID'] = this.commit(endorsed);
    if (code !== 'VALID') throw new TransactionInvalid(code);
    return endorsed;
  }

  /** Answers without committing anything. @throws {@link TransactionRefused}. */
  async evaluate(identity: BenchIdentity, transaction: string, ...args: unknown[]): Promise<unknown> {
    return (await this.endorse(identity, transaction, ...args)).result;
  }

  /**
   * Runs a transaction and keeps what it would write.
   * @param args One string each; what is no string is passed as JSON.
   * @throws {@link TransactionRefused}.
   */
  async endorse(identity: BenchIdentity, transaction: string, ...args: unknown[]): Promise<Endorsed> {
    this.#now += 1;
    return this.endorseAt(identity, { at: this.now, nonce: randomBytes(24) }, transaction, ...args);
  }

  /** As {@link endorse}, with timestamp and nonce chosen: two such runs are what two peers do with one proposal. */
  async endorseAt(
    identity: BenchIdentity,
    { at, nonce }: { at: Date; nonce: Uint8Array },
    transaction: string,
    ...args: unknown[]
  ): Promise<Endorsed> {
    const call = await propose(identity, {
      channel: this.#channel,
      chaincode: this.#name,
      arguments: [transaction, ...args.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)))],
      at,
      nonce,
    });
    const invoked: Invoked[] = [];
    const exchanges: Exchange[] = [];
    const { response, event, simulation } = await this.#run(call, call.input, invoked, exchanges);
    this.#observe?.({
      name: transaction,
      transaction: call.transaction,
      channel: this.#channel,
      ...inputsOf(call.input, call.proposal),
      exchanges,
      outcome: outcomeOf(response, event, simulation.writes),
    });
    if (response.status >= failing) throw new TransactionRefused(response.message ?? '');
    return {
      transaction: call.transaction,
      result: response.payload?.length ? this.#decode(transaction, response.payload) : undefined,
      ...(event && { event: { name: event.getEventName(), payload: parse(event.getPayload_asU8()) } }),
      writes: simulation.writes,
      simulation,
      invoked,
      at,
    };
  }

  async #run(call: SignedCall, input: SignedCall['input'], invoked: Invoked[], exchanges: Exchange[] = []) {
    const simulation = new Simulation(this.#state, async (name, args): Promise<InvokedResponse> => {
      const [chaincode = '', channel = this.#channel] = name.split('/');
      const bench = this.#others.get(chaincode);
      if (bench === undefined || bench.#channel !== channel)
        throw new Error(`chaincode ${name} is not on this bench`);
      // As on a peer: the called chaincode sees the proposal that the caller signed, and its own arguments.
      const { response, simulation } = await bench.#run(call, inputOf(args), invoked);
      if (response.status < failing && channel === this.#channel) invoked.push({ bench, simulation });
      return response;
    });
    const handler = this.#observe ? recording(simulation, exchanges) : simulation;
    const stub = newStub(handler, this.#channel, call.transaction, input, call.proposal);
    const response: InvokedResponse = await this.#chaincode.Invoke(stub);
    return { response, event: stub.chaincodeEvent, simulation };
  }

  /** Commits transactions as one block, in order; answers the validation code of each. */
  commit(...transactions: readonly Endorsed[]): ValidationCode[] {
    this.#height += 1;
    return transactions.map(({ transaction, simulation, invoked, at }, index) => {
      const touched = [{ bench: this, simulation }, ...invoked];
      const codes = touched.map((one) => one.simulation.validate());
      const failed = codes.find((code) => code !== 'VALID');
      if (failed) return failed;
      const version = { block: this.#height, transaction: index };
      for (const { bench, simulation } of touched)
        for (const [key, value] of simulation.writes)
          bench.#state.apply(key, { transaction, at, ...(value && { value }) }, version);
      return 'VALID';
    });
  }
}

function parse(bytes: Uint8Array | undefined): unknown {
  return bytes && bytes.length > 0 ? JSON.parse(Buffer.from(bytes).toString()) : undefined;
}
