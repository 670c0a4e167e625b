import { callerAttributes, canonicalJson } from '@medigraph/chaincode-lib';
import {
  type BenchIdentity,
  ContractBench,
  type Endorsed,
  type RecordedRun,
  TransactionInvalid,
} from '@medigraph/chaincode-lib/testing';
import { chaincodeOf } from '@medigraph/schema/dapps';
import { type Contract } from 'fabric-contract-api';
import { randomBytes } from 'node:crypto';
import { type ContractMetadata } from '../contract-metadata.js';
import { type Institution } from '../institutions.js';
import { readMetadata } from './contract-metadata.js';
import { Declarations, type DeclaredConsent, declaredSuites } from './declared-suites.js';

/** Two runs of one transaction differ: on a network two organisations would disagree, and nobody could commit it. */
export class TransactionDiverged extends Error {
  override readonly name = 'TransactionDiverged';
}

/** What a certificate says of its owner. */
export type Vouched = Partial<Record<keyof typeof callerAttributes, string>>;

export interface DAppBenchOptions {
  /** Contracts of the DApp, as its bundle exports them. */
  readonly contracts: readonly (new () => Contract)[];
  /** Id of the DApp. */
  readonly dapp: string;
  /** Timestamp of the first transaction; each later one is a millisecond later. */
  readonly start?: string;
  /** Is told of every run, with everything to repeat it. */
  readonly observe?: (run: RecordedRun) => void;
}

const channel = 'care';
const people = 'PatientsMSP';

/** What a run came to, in a form that can be compared. */
const outcomeOf = ({ result, event, writes }: Endorsed): string =>
  canonicalJson({
    result,
    event,
    writes: [...writes].map(([key, value]) => [key, value && Buffer.from(value).toString('base64')]),
  });

/**
 * A DApp's contracts on a ledger in memory: no network, no container. Transactions are signed by real certificates, run
 * through Fabric's own dispatcher, and follow its rules: nobody reads their own writes, a refused transaction leaves
 * nothing. Each runs twice, as on two peers, and must come to the same.
 *
 * @example
 * const bench = new DAppBench({ contracts, dapp: 'appointments' });
 * const patient = await bench.person();
 * await bench.submit(patient, 'Appointments:book', 'slot-1');
 * await expect(bench.submit(patient, 'Appointments:book', 'slot-1')).rejects.toMatchObject({ code: 'SLOT_TAKEN' });
 */
export class DAppBench {
  readonly #bench: ContractBench;
  readonly #declared = new Declarations();
  #metadata: ContractMetadata | undefined;

  constructor({ contracts, dapp, start, observe }: DAppBenchOptions) {
    this.#bench = new ContractBench({
      contracts,
      channel,
      chaincode: chaincodeOf(dapp),
      others: declaredSuites(channel, dapp, this.#declared),
      decode: (transaction, payload) => this.#decode(transaction, payload),
      ...(start !== undefined && { start }),
      ...(observe && { observe }),
    });
  }

  /** Somebody with a key of their own, as patients are. */
  person(): Promise<BenchIdentity> {
    return this.#bench.enrol(people);
  }

  /** A person who signs with another key from now on, as after it was lost; the key of before is nobody's. */
  async rotate(person: BenchIdentity): Promise<BenchIdentity> {
    const { followed } = this.#declared;
    const address = followed.get(person.address) ?? person.address;
    const next = await this.person();
    followed.set(person.address, undefined);
    followed.set(next.address, address);
    return next;
  }

  /** A client of an organisation. @param vouched - whom its CA says the certificate is for. */
  member(mspId: string, vouched: Vouched = {}): Promise<BenchIdentity> {
    const given = Object.entries(vouched) as [keyof Vouched, string][];
    const attributes = Object.fromEntries(given.map(([name, value]) => [callerAttributes[name], value]));
    return this.#bench.enrol(mspId, 'client', { attributes });
  }

  /** Declares a consent in force. @returns its id, to {@link withdraw} it. */
  permit(consent: DeclaredConsent): string {
    const id = `consent-${this.#declared.consents.size + 1}`;
    this.#declared.consents.set(id, consent);
    return id;
  }

  withdraw(consent: string): void {
    this.#declared.consents.delete(consent);
  }

  /** Declares an institution of an organisation. */
  institution(id: string, mspId: string, kind: Institution['kind'] = 'hospital'): void {
    this.#declared.institutions.set(id, { mspId, kind });
  }

  /** Declares a practitioner who works at an institution; {@link member} signs as them. */
  practitioner(id: string, institution: string): void {
    this.#declared.practitioners.set(id, institution);
  }

  /** Declares that somebody installed the DApp. @param holder - a person, or the id of an institution. */
  install(holder: BenchIdentity | string): void {
    this.#declared.holders.add(typeof holder === 'string' ? holder : holder.address);
  }

  uninstall(holder: BenchIdentity | string): void {
    this.#declared.holders.delete(typeof holder === 'string' ? holder : holder.address);
  }

  /** Timestamp of the last transaction. */
  get now(): Date {
    return this.#bench.now;
  }

  /** Lets time pass before the next transaction. */
  advance(milliseconds: number): void {
    this.#bench.advance(milliseconds);
  }

  /** What the contracts say of themselves: what the graph is made of. */
  async metadata(): Promise<ContractMetadata> {
    return (this.#metadata ??= await readMetadata(this.#bench));
  }

  /**
   * Endorses twice and commits once.
   * @param transaction - `Contract:method`.
   * @param args - values of the parameters; what is no string is passed as JSON.
   * @throws `TransactionRefused` with the contract's `code`; {@link TransactionDiverged}.
   */
  async submit(identity: BenchIdentity, transaction: string, ...args: unknown[]): Promise<Endorsed> {
    const endorsed = await this.endorse(identity, transaction, ...args);
    const [code = 'VALID'] = this.commit(endorsed);
    if (code !== 'VALID') throw new TransactionInvalid(code);
    return endorsed;
  }

  /** Answers without committing anything. @throws as {@link submit}. */
  async evaluate(identity: BenchIdentity, transaction: string, ...args: unknown[]): Promise<unknown> {
    return (await this.endorse(identity, transaction, ...args)).result;
  }

  /** Runs a transaction and keeps what it would write: two of them that touch the same state conflict at {@link commit}. */
  async endorse(identity: BenchIdentity, transaction: string, ...args: unknown[]): Promise<Endorsed> {
    await this.metadata();
    this.#bench.advance(1);
    const call = { at: this.#bench.now, nonce: randomBytes(24) };
    const endorsed = await this.#bench.endorseAt(identity, call, transaction, ...args);
    const again = await this.#bench.endorseAt(identity, call, transaction, ...args);
    if (outcomeOf(endorsed) !== outcomeOf(again))
      throw new TransactionDiverged(
        `${transaction} comes to something else each time it runs: ${outcomeOf(endorsed)}, then ${outcomeOf(again)}`,
      );
    return endorsed;
  }

  /** Commits transactions as one block; answers the validation code of each. */
  commit(...transactions: readonly Endorsed[]): ReturnType<ContractBench['commit']> {
    return this.#bench.commit(...transactions);
  }

  #decode(transaction: string, payload: Uint8Array): unknown {
    const text = Buffer.from(payload).toString();
    const [contract = '', name = ''] = transaction.split(':');
    const described = this.#metadata?.contracts[contract]?.transactions.find((one) => one.name === name);
    return described?.returns?.['type'] === 'string' ? text : JSON.parse(text);
  }
}
