import { performance } from 'node:perf_hooks';
import { peer } from '@hyperledger/fabric-protos';
import { type SandboxLimits } from '../limits.js';
import { type GuestReport, refusalCodes, type RefusalCode } from '../report.js';
import {
  messageType,
  type MessageHead,
  readHead,
  refusal,
  transactionName,
} from '../wire/chaincode-message.js';
import { type GuestProgram } from '../wire/frames.js';
import { EventRate } from './event-rate.js';
import { GuestKeeper } from './guest-keeper.js';
import { type ContractMetadata } from './guest-process.js';
import { type Journal } from './journal.js';
import { endsTransaction, excessOf, type RunningTransaction, RunningTransactions } from './transactions.js';

/** Sends a message to the peer of a connection. */
export type Reply = (message: Uint8Array) => void;

const codeOfMessage = /^([A-Z][A-Z_]{1,59})\b/;
/** Of messages whose transaction is not known by name. */
const unnamed = '(unknown)';

/** The contracts of one version of a DApp, as peers see them: they answer every transaction, whatever becomes of the guest. */
export class SandboxedChaincode {
  readonly #program: GuestProgram;
  readonly #limits: SandboxLimits;
  readonly #journal: Journal;
  readonly #keeper: GuestKeeper;
  readonly #running = new RunningTransactions();
  readonly #events: EventRate;
  readonly #connections = new Map<number, Reply>();
  #names: ReadonlySet<string> = new Set();
  #served = false;

  constructor(program: GuestProgram, limits: SandboxLimits, journal: Journal) {
    this.#program = program;
    this.#limits = limits;
    this.#events = new EventRate(limits.eventsPerSecond);
    this.#journal = journal;
    const { version } = program;
    this.#keeper = new GuestKeeper(program, limits, {
      isBusy: () => this.#running.size > 0,
      onMessage: (connection, message) => this.#fromGuest(connection, message),
      onReport: (report) => journal.report(version, this.#located(report)),
      onLine: (line) => {
        // Once it has seen a transaction, whatever it writes may be data of one.
        if (this.#served) journal.linesWithheld += 1;
        else journal.line(version, line);
      },
      onRestart: () => (journal.restarts += 1),
      onEnded: (report) => this.#lost(report),
    });
  }

  /** @throws GuestStartError if the contracts cannot be loaded. */
  async start(): Promise<ContractMetadata> {
    const metadata = await this.#keeper.start();
    this.#names = new Set(
      Object.entries(metadata.contracts).flatMap(([contract, { transactions }]) =>
        transactions.flatMap(({ name }) => [name, `${contract}:${name}`]),
      ),
    );
    return metadata;
  }

  get metadata(): ContractMetadata | undefined {
    return this.#keeper.metadata;
  }

  /** The process that runs, and what it uses. */
  get process(): { pid: number; residentBytes: number; cpuMs: number } | undefined {
    const { pid, usage } = this.#keeper.guest ?? {};
    return pid === undefined
      ? undefined
      : { pid, residentBytes: usage?.residentBytes ?? 0, cpuMs: usage?.cpuMs ?? 0 };
  }

  async stop(): Promise<void> {
    await this.#keeper.stop();
    this.#refuseAll(() => [refusalCodes.unavailable, 'the DApp was stopped']);
  }

  connect(connection: number, reply: Reply): void {
    this.#connections.set(connection, reply);
  }

  disconnect(connection: number): void {
    this.#connections.delete(connection);
    for (const transaction of this.#running)
      if (transaction.connection === connection) this.#running.end(transaction);
    this.#keeper.guest?.disconnected(connection);
  }

  /** A message of a peer. */
  async fromPeer(connection: number, message: Buffer): Promise<void> {
    const head = readHead(message);
    const { type } = head;
    if (type === messageType.TRANSACTION || type === messageType.INIT)
      await this.#begin(connection, head, message);
    else if (type === messageType.RESPONSE || type === messageType.ERROR) {
      if (this.#running.find(connection, head)) this.#keeper.guest?.send(connection, message);
    }
  }

  async #begin(connection: number, head: MessageHead, message: Buffer): Promise<void> {
    this.#served = true;
    if (this.#running.size >= this.#limits.transactions) {
      this.#refuse(
        connection,
        head,
        refusalCodes.busy,
        `the DApp runs ${this.#limits.transactions} transactions already`,
      );
      return;
    }
    const transaction: RunningTransaction = {
      connection,
      channel: head.channel,
      txid: head.txid,
      name: transactionName(head),
      startedAt: performance.now(),
      timer: setTimeout(() => this.#timedOut(transaction), this.#limits.transactionMs),
      calls: 0,
      writtenBytes: 0,
    };
    this.#running.add(transaction);
    const guest = this.#keeper.guest ?? (await this.#keeper.ready());
    if (this.#running.find(connection, head) !== transaction) return;
    if (guest === undefined) {
      const seconds = Math.ceil(this.#keeper.restsForMs / 1000);
      this.#end(transaction, true, refusalCodes.unavailable);
      const why = `the DApp's contracts were stopped and start again in ${seconds} s`;
      this.#refuse(connection, head, refusalCodes.unavailable, why);
    } else guest.send(connection, message);
  }

  #fromGuest(connection: number, message: Buffer): void {
    let head: MessageHead;
    try {
      head = readHead(message);
    } catch {
      this.#keeper.guest?.kill({
        code: 'PROTOCOL_VIOLATION',
        message: 'the contracts sent what is no message',
      });
      return;
    }
    const transaction = this.#running.find(connection, head);
    // A transaction that is over, or that there never was: nobody waits for it.
    if (transaction === undefined) return;
    const excess = excessOf(transaction, head, this.#limits, this.#events);
    if (excess !== undefined) {
      this.#journal.report(this.#program.version, excess);
      this.#end(transaction, true, excess.code);
      this.#refuse(connection, head, refusalCodes.tooLarge, excess.message);
      if (excess.code === 'PROTOCOL_VIOLATION') this.#keeper.guest?.kill(excess);
      return;
    }
    if (endsTransaction(head.type)) this.#answered(transaction, head);
    this.#connections.get(connection)?.(message);
  }

  #answered(transaction: RunningTransaction, { type, payload }: MessageHead): void {
    let failed = type === messageType.ERROR;
    let code: string | undefined;
    if (!failed) {
      try {
        const response = peer.Response.deserializeBinary(payload);
        failed = response.getStatus() >= 400;
        code = failed ? this.#knownCode(response.getMessage()) : undefined;
      } catch {
        failed = true;
      }
    }
    this.#end(transaction, failed, code);
  }

  /** A code that the bundle has as it stands; any other could be data in disguise. */
  #knownCode(message: string): string | undefined {
    const [, code] = codeOfMessage.exec(message) ?? [];
    return code !== undefined && this.#program.bundle.includes(code) ? code : undefined;
  }

  #end(transaction: RunningTransaction, failed: boolean, code?: string): void {
    this.#running.end(transaction);
    const name = this.#names.has(transaction.name) ? transaction.name : unnamed;
    this.#journal.transaction(name, performance.now() - transaction.startedAt, { failed, ...(code !== undefined && { code }) }); // prettier-ignore
  }

  #timedOut(transaction: RunningTransaction): void {
    const seconds = this.#limits.transactionMs / 1000;
    const message = `a transaction took longer than ${seconds} s`;
    this.#end(transaction, true, 'TRANSACTION_TIMED_OUT');
    this.#refuse(transaction.connection, transaction, refusalCodes.timedOut, message);
    this.#keeper.guest?.kill({ code: 'TRANSACTION_TIMED_OUT', message, transactionId: transaction.txid });
  }

  #lost(report: GuestReport): void {
    const located = this.#located(report);
    this.#journal.report(this.#program.version, located);
    this.#refuseAll(() => [refusalCodes.stopped, `the DApp's contracts were stopped: ${report.message}`]);
  }

  #refuseAll(why: () => [RefusalCode, string]): void {
    for (const transaction of this.#running) {
      const [code, sentence] = why();
      this.#end(transaction, true, code);
      this.#refuse(transaction.connection, transaction, code, sentence);
    }
  }

  #refuse(
    connection: number,
    to: Pick<MessageHead, 'txid' | 'channel'>,
    code: RefusalCode,
    sentence: string,
  ): void {
    this.#connections.get(connection)?.(refusal(to, `${code}: ${sentence}`));
  }

  /** Where only one transaction runs, it is the one that something happened in. */
  #located(report: GuestReport): GuestReport {
    if (report.transactionId !== undefined || this.#running.size !== 1) return report;
    const [only] = this.#running;
    return { ...report, ...(only !== undefined && { transactionId: only.txid }) };
  }
}
