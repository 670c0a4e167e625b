import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type Duplex, type Readable } from 'node:stream';
import { type SandboxLimits } from '../limits.js';
import { type GuestReport, GuestStartError, type ReportCode, reportCodes } from '../report.js';
import {
  encodeFrame,
  type Frame,
  frameKind,
  FrameReader,
  type GuestProgram,
  type Violation,
} from '../wire/frames.js';
import { guestEntry } from './guest-files.js';
import { type ProcessUsage, usageOf } from './process-usage.js';
import { spawnGuest } from './spawn-guest.js';

/** What a guest says while it runs. None of it can be believed. */
export interface GuestListener {
  onMessage(connection: number, message: Buffer): void;
  onReport(report: GuestReport): void;
  onLine(line: string): void;
  /** Whether it has anything to do. */
  isBusy(): boolean;
}

/** The metadata that every Fabric contract answers. */
export interface ContractMetadata {
  readonly contracts: Readonly<
    Record<string, { readonly transactions: readonly { readonly name: string }[] }>
  >;
}

/** Milliseconds between looks at what a guest uses. */
const watchMs = 200;
const mostStderr = 2_000;
const mostMessageLength = 300;
/** Violations of one run that are told; the others are more of the same. */
const mostViolations = 100;

/** One run of a DApp's contracts: a process that is killed as soon as it does what it may not. */
export class GuestProcess {
  readonly #child: ChildProcess;
  readonly #pipe: Duplex;
  readonly #program: GuestProgram;
  readonly #limits: SandboxLimits;
  readonly #listener: GuestListener;
  readonly #usage: ProcessUsage[] = [];
  #watch: NodeJS.Timeout | undefined;
  #stderr = '';
  #reason: GuestReport | undefined;
  #stopped = false;
  #violations = 0;
  #loaded = false;
  #metadata!: ContractMetadata;
  #onLoaded: ((outcome: ContractMetadata | GuestReport) => void) | undefined;
  /** Why it ended; undefined if it was told to. */
  readonly ended: Promise<GuestReport | undefined>;

  private constructor(
    child: ChildProcess,
    program: GuestProgram,
    limits: SandboxLimits,
    listener: GuestListener,
  ) {
    this.#child = child;
    this.#program = program;
    this.#limits = limits;
    this.#listener = listener;
    this.#pipe = child.stdio[3] as Duplex;
    const reader = new FrameReader(limits.messageBytes, (frame) => this.#receive(frame));
    this.#pipe.on('data', (chunk: Buffer) => {
      if (this.#reason !== undefined) return;
      try {
        reader.take(chunk);
      } catch {
        this.kill({
          code: 'MESSAGE_TOO_LARGE',
          message: `the contracts sent a message of more than ${limits.messageBytes} bytes`,
        });
      }
    });
    this.#pipe.on('error', () => undefined);
    (child.stderr as Readable).setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(0, mostStderr);
    });
    const exited = child.pid === undefined ? Promise.resolve([undefined, undefined]) : once(child, 'exit');
    child.on('error', () => undefined);
    this.ended = exited.then(([code, signal]: unknown[]) => {
      clearTimeout(this.#watch);
      this.#pipe.destroy();
      return this.#stopped ? undefined : (this.#reason ?? this.#crash(code, signal));
    });
  }

  /**
   * Starts a process and loads the contracts into it.
   * @throws {@link GuestStartError}
   */
  static async start(
    program: GuestProgram,
    limits: SandboxLimits,
    listener: GuestListener,
  ): Promise<GuestProcess> {
    const child = await spawnGuest(guestEntry, limits);
    const guest = new GuestProcess(child, program, limits, listener);
    await guest.#load();
    return guest;
  }

  get metadata(): ContractMetadata {
    return this.#metadata;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** What it used at the last look. */
  get usage(): ProcessUsage | undefined {
    return this.#usage.at(-1);
  }

  send(connection: number, message: Uint8Array): void {
    this.#pipe.write(encodeFrame(frameKind.message, connection, message));
  }

  disconnected(connection: number): void {
    this.#pipe.write(encodeFrame(frameKind.closed, connection, new Uint8Array()));
  }

  /** Ends it because of what it did. */
  kill(reason: GuestReport): void {
    this.#reason ??= reason;
    this.#child.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  async #load(): Promise<void> {
    const loaded = new Promise<ContractMetadata | GuestReport>((resolve) => (this.#onLoaded = resolve));
    const timer = setTimeout(() => {
      const message = `the contracts were not loaded within ${this.#limits.startMs / 1000} s`;
      this.kill({ code: 'START_TIMED_OUT', message });
    }, this.#limits.startMs);
    this.#scheduleWatch();
    this.#pipe.write(encodeFrame(frameKind.load, 0, Buffer.from(JSON.stringify(this.#program))));
    const outcome = await Promise.race([loaded, this.ended]);
    clearTimeout(timer);
    if (outcome !== undefined && 'contracts' in outcome) {
      this.#metadata = outcome;
      // Processor time of the start is ours.
      this.#usage.length = 0;
      this.#loaded = true;
      return;
    }
    await this.stop();
    throw new GuestStartError(outcome ?? { code: 'LOAD_FAILED', message: 'the guest was stopped' });
  }

  #receive({ kind, connection, payload }: Frame): void {
    switch (kind) {
      case frameKind.message:
        this.#listener.onMessage(connection, payload);
        return;
      case frameKind.line:
        this.#listener.onLine(payload.toString().slice(0, mostStderr));
        return;
      case frameKind.violation:
        this.#violations += 1;
        if (this.#violations <= mostViolations) this.#listener.onReport(this.#violationOf(payload));
        return;
      case frameKind.loaded:
        this.#onLoaded?.(this.#metadataOf(payload));
        return;
      case frameKind.loadFailed: {
        const message = payload.toString().slice(0, mostStderr);
        this.#onLoaded?.({ code: 'LOAD_FAILED', message });
        return;
      }
      default:
        this.kill({ code: 'PROTOCOL_VIOLATION', message: 'the contracts broke out of their protocol' });
    }
  }

  #violationOf(payload: Buffer): GuestReport {
    try {
      const { code, message, name } = JSON.parse(payload.toString()) as Violation;
      const known = reportCodes.find((each) => each === code);
      // A name that the bundle does not have as it stands may be made of what a transaction is about.
      const named = name !== undefined && this.#program.bundle.includes(name) ? `: ${name}` : '';
      if (known !== undefined)
        return { code: known, message: `${message}${named}`.slice(0, mostMessageLength) };
    } catch {
      // Said below.
    }
    return { code: 'PROTOCOL_VIOLATION', message: 'the contracts reported what is no report' };
  }

  #metadataOf(payload: Buffer): ContractMetadata | GuestReport {
    try {
      const metadata = JSON.parse(payload.toString()) as ContractMetadata;
      const wellFormed = Object.values(metadata.contracts).every(({ transactions }) =>
        Array.isArray(transactions),
      );
      if (wellFormed) return metadata;
    } catch {
      // Said below.
    }
    return { code: 'LOAD_FAILED', message: 'the contracts have no metadata' };
  }

  #scheduleWatch(): void {
    this.#watch = setTimeout(() => void this.#look(), watchMs).unref();
  }

  /** Compares what the process uses with what it may. */
  async #look(): Promise<void> {
    const usage = this.#child.pid === undefined ? undefined : await usageOf(this.#child.pid);
    if (usage === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const { residentBytes, cpuMs, cpuWindowMs, idleCpuMs } = this.#limits;
    this.#usage.push(usage);
    const looks = Math.ceil(cpuWindowMs / watchMs);
    if (this.#usage.length > looks) this.#usage.shift();
    const used = usage.cpuMs - (this.#usage[0] ?? usage).cpuMs;
    if (usage.residentBytes > residentBytes) this.kill(memoryExceeded(residentBytes));
    else if (this.#loaded && (used > cpuMs || (used > idleCpuMs && !this.#listener.isBusy())))
      this.kill({
        code: 'CPU_EXCEEDED',
        message: `the contracts used ${Math.round(used)} ms of processor time within ${cpuWindowMs / 1000} s`,
      });
    else this.#scheduleWatch();
  }

  #crash(code: unknown, signal: unknown): GuestReport {
    if (ranOutOfMemory(this.#stderr)) return memoryExceeded(this.#limits.heapBytes);
    const how = typeof signal === 'string' ? `was ended by ${signal}` : `exited with ${String(code)}`;
    return { code: 'CRASHED' satisfies ReportCode, message: `the process of the contracts ${how}` };
  }
}

/** Whether a process says at its end that its heap was spent. */
export const ranOutOfMemory = (stderr: string): boolean =>
  /heap out of memory|Array buffer allocation failed|Allocation failed/.test(stderr);

/** What is said of a process that took more memory than it may. */
export const memoryExceeded = (bytes: number): GuestReport => ({
  code: 'MEMORY_EXCEEDED',
  message: `the contracts used more than ${Math.round(bytes / (1024 * 1024))} MB of memory`,
});
