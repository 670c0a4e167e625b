import { type SandboxLimits } from '../limits.js';
import { type GuestReport, GuestStartError } from '../report.js';
import { type GuestProgram } from '../wire/frames.js';
import { type ContractMetadata, type GuestListener, GuestProcess } from './guest-process.js';

/** Wait before the first start after an end; doubled with each end that follows soon. */
const firstBackoffMs = 100;
/** Ends that make a loop of them. */
const loopAfter = 5;
/** A run as long as this ends the counting. */
const calmMs = 30_000;

export interface KeeperListener extends GuestListener {
  /** It ended by itself: all its transactions are lost. */
  onEnded(report: GuestReport): void;
  onRestart(): void;
}

/** Keeps one program running: started anew when it ends, the later the more often it does. */
export class GuestKeeper {
  readonly #program: GuestProgram;
  readonly #limits: SandboxLimits;
  readonly #listener: KeeperListener;
  #guest: GuestProcess | undefined;
  #starting: Promise<GuestProcess | undefined> | undefined;
  #ends = 0;
  #startedAt = 0;
  #notBefore = 0;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  #metadata: ContractMetadata | undefined;

  constructor(program: GuestProgram, limits: SandboxLimits, listener: KeeperListener) {
    this.#program = program;
    this.#limits = limits;
    this.#listener = listener;
  }

  get guest(): GuestProcess | undefined {
    return this.#guest;
  }

  /** What it said of itself when it was loaded last. */
  get metadata(): ContractMetadata | undefined {
    return this.#metadata;
  }

  /** @throws {@link GuestStartError} if it cannot be loaded the first time. */
  async start(): Promise<ContractMetadata> {
    const guest = await this.#run();
    return guest.metadata;
  }

  /** The running guest; waits for one that starts; undefined while it must rest. */
  ready(): Promise<GuestProcess | undefined> {
    if (this.#guest !== undefined) return Promise.resolve(this.#guest);
    return this.#starting ?? Promise.resolve(undefined);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#starting?.catch(() => undefined);
    await this.#guest?.stop();
  }

  async #run(): Promise<GuestProcess> {
    const guest = await GuestProcess.start(this.#program, this.#limits, this.#listener);
    if (this.#stopped) {
      await guest.stop();
      throw new GuestStartError({ code: 'LOAD_FAILED', message: 'the guest was stopped' });
    }
    this.#guest = guest;
    this.#metadata = guest.metadata;
    this.#startedAt = Date.now();
    void guest.ended.then((report) => {
      this.#guest = undefined;
      if (report !== undefined) this.#ended(report);
    });
    return guest;
  }

  #ended(report: GuestReport): void {
    this.#listener.onEnded(report);
    if (this.#startedAt > 0 && Date.now() - this.#startedAt > calmMs) this.#ends = 0;
    this.#ends += 1;
    const wait = Math.min(firstBackoffMs * 2 ** (this.#ends - 1), this.#limits.longestBackoffMs);
    if (this.#ends === loopAfter)
      this.#listener.onReport({
        code: 'CRASH_LOOP',
        message: `the contracts were stopped ${loopAfter} times one after the other, the last time with ${report.code}`,
      });
    this.#notBefore = Date.now() + wait;
    this.#timer = setTimeout(() => this.#restart(), wait).unref();
  }

  #restart(): void {
    if (this.#stopped) return;
    this.#listener.onRestart();
    this.#starting = this.#run()
      .catch((error: unknown) => {
        const report: GuestReport =
          error instanceof GuestStartError ? error.report : { code: 'LOAD_FAILED', message: String(error) };
        if (!this.#stopped) this.#ended(report);
        return undefined;
      })
      .finally(() => (this.#starting = undefined));
  }

  /** Milliseconds until it is started anew; 0 if it runs. */
  get restsForMs(): number {
    return this.#guest === undefined ? Math.max(0, this.#notBefore - Date.now()) : 0;
  }
}
