import { type ChaincodeInterface, type ChaincodeResponse } from 'fabric-shim-api';
import { ChaincodeStub } from 'fabric-shim';
import { randomBytes } from 'node:crypto';
import { type ContractClass, dispatcherOf } from '../server/dispatcher.js';
import { BenchAuthority, type BenchIdentity, type EnrolmentOptions } from './identities.js';
import { propose, type SignedCall } from './proposal.js';
import { Simulation, type ValidationCode } from './simulation.js';
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
  readonly at: Date;
}

/** A contract's refusal, in the words that a peer would pass on. */
export class TransactionRefused extends Error {
  override readonly name = 'TransactionRefused';
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
  /** Other chaincodes of the channel, by name, which contracts may call. What a call writes there is dropped. */
  readonly beside?: Readonly<Record<string, ContractBench>>;
}

type Stub = ChaincodeStub & {
  chaincodeEvent?: { getEventName(): string; getPayload_asU8(): Uint8Array };
};
/** The stub's constructor is not in the shim's types. */
const StubOfShim = ChaincodeStub as unknown as new (
  handler: Simulation,
  channel: string,
  transaction: string,
  input: unknown,
  proposal: unknown,
) => Stub;

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
  readonly #beside: Readonly<Record<string, ContractBench>>;
  readonly #state = new WorldState();
  readonly #authorities = new Map<string, Promise<BenchAuthority>>();
  #now: number;
  #height = 0;

  constructor({
    contracts,
    channel = 'bench',
    chaincode = 'bench',
    start = '2026-01-01T00:00:00.000Z',
    beside = {},
  }: BenchOptions) {
    this.#chaincode = dispatcherOf(contracts, chaincode, '1.0');
    this.#channel = channel;
    this.#name = chaincode;
    this.#beside = beside;
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
    const { simulation, stub, status, message, payload } = await this.#run(call);
    if (status >= 400) throw new TransactionRefused(message);
    const event = stub.chaincodeEvent;
    return {
      transaction: call.transaction,
      result: parse(payload),
      ...(event && { event: { name: event.getEventName(), payload: parse(event.getPayload_asU8()) } }),
      writes: simulation.writes,
      simulation,
      at,
    };
  }

  async #run(call: SignedCall): Promise<ChaincodeResponse & { simulation: Simulation; stub: Stub }> {
    const simulation = new Simulation(this.#state, async (chaincode, input) => {
      const called = this.#beside[chaincode];
      if (!called) throw new Error(`there is no chaincode ${chaincode} on this channel`);
      return called.#run({ ...call, input });
    });
    const stub = new StubOfShim(simulation, this.#channel, call.transaction, call.input, call.proposal);
    return { simulation, stub, ...(await this.#chaincode.Invoke(stub)) };
  }

  /** Commits transactions as one block, in order; answers the validation code of each. */
  commit(...transactions: readonly Endorsed[]): ValidationCode[] {
    this.#height += 1;
    return transactions.map(({ transaction, simulation, writes, at }, index) => {
      const code = simulation.validate();
      if (code !== 'VALID') return code;
      for (const [key, value] of writes)
        this.#state.apply(
          key,
          { transaction, at, ...(value && { value }) },
          { block: this.#height, transaction: index },
        );
      return code;
    });
  }
}

function parse(bytes: Uint8Array | undefined): unknown {
  return bytes && bytes.length > 0 ? JSON.parse(Buffer.from(bytes).toString()) : undefined;
}
