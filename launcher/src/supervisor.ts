import { setTimeout as delay } from 'node:timers/promises';
import { CommandError } from './errors.js';
import { ChildPart, type PartOptions, type ReadyMessage } from './child-part.js';

/** How to start a part again so that the others still find it: same addresses, same data. */
export type RestartOptions = (first: ReadyMessage) => PartOptions | Promise<PartOptions>;

/** Restarts within this time count together. */
const window = 60_000;
const mostRestarts = 5;

/** What keeps the parts of a platform. */
export interface PartKeeper {
  /** Starts a part; answers what it said when it was ready. */
  start(options: PartOptions, restart: RestartOptions): Promise<ReadyMessage>;
  /** Names, process ids and restarts of the parts. */
  readonly parts: readonly { name: string; pid: number | undefined; restarts: number }[];
  /** Resolves with the reason when a part cannot be kept running. */
  readonly failed: Promise<string>;
  /** Stops them in the reverse order of their starts. */
  stop(): Promise<void>;
}

interface Supervised {
  part: ChildPart;
  /** Somebody who waits for the part to be started anew on purpose. */
  asked?: { resolve(ready: ReadyMessage): void; reject(error: unknown): void } | undefined;
  readonly restart: RestartOptions;
  readonly restarts: number[];
}

/**
 * Keeps the parts running: one that dies is started again at the same addresses; one that keeps dying brings all down.
 * Stops them in the reverse order of their starts.
 */
export class Supervisor implements PartKeeper {
  readonly #parts: Supervised[] = [];
  readonly #onNotice: (message: string) => void;
  #stopping = false;
  #giveUp!: (reason: string) => void;
  readonly failed: Promise<string>;

  constructor(onNotice: (message: string) => void) {
    this.#onNotice = onNotice;
    this.failed = new Promise((resolve) => (this.#giveUp = resolve));
  }

  async start(options: PartOptions, restart: RestartOptions): Promise<ReadyMessage> {
    const part = await ChildPart.start(options);
    const supervised: Supervised = { part, restart, restarts: [] };
    this.#parts.push(supervised);
    void this.#watch(supervised);
    return part.ready;
  }

  /** Starts a part anew on purpose, so that it reads what it is started with again; answers once it is ready. */
  restart(name: string): Promise<ReadyMessage> {
    const supervised = this.#parts.find(({ part }) => part.name === name);
    if (supervised === undefined || this.#stopping)
      return Promise.reject(new CommandError('PART_UNKNOWN', `There is no part ${name} to start anew`));
    return new Promise((resolve, reject) => {
      supervised.asked = { resolve, reject };
      void supervised.part.stop();
    });
  }

  /** Asks a part something. @throws `PART_UNKNOWN`; as {@link ChildPart.ask} */
  ask(name: string, question: string, value: unknown, signal?: AbortSignal): Promise<unknown> {
    const part = this.#parts.find((each) => each.part.name === name)?.part;
    if (part === undefined)
      return Promise.reject(new CommandError('PART_UNKNOWN', `There is no part ${name} to ask`));
    return part.ask(question, value, signal);
  }

  get parts(): PartKeeper['parts'] {
    return this.#parts.map(({ part, restarts }) => ({
      name: part.name,
      pid: part.pid,
      restarts: restarts.length,
    }));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const { part } of [...this.#parts].reverse()) await part.stop();
  }

  async #watch(supervised: Supervised): Promise<void> {
    for (;;) {
      const { ready } = supervised.part;
      const how = await supervised.part.ended;
      if (this.#stopping) return;
      const { asked } = supervised;
      if (asked !== undefined) {
        supervised.asked = undefined;
        try {
          supervised.part = await ChildPart.start(await supervised.restart(ready));
          asked.resolve(supervised.part.ready);
          continue;
        } catch (error) {
          asked.reject(error);
          this.#giveUp(error instanceof Error ? error.message : String(error));
          return;
        }
      }
      const { name } = supervised.part;
      const recent = supervised.restarts.filter((time) => time > Date.now() - window);
      if (recent.length >= mostRestarts) {
        this.#giveUp(`${name} ${how} for the ${mostRestarts + 1}th time within a minute`);
        return;
      }
      supervised.restarts.push(Date.now());
      this.#onNotice(`${name} ${how}; starting it again`);
      await delay(200 * 2 ** recent.length);
      if (this.#isStopping()) return;
      try {
        supervised.part = await ChildPart.start(await supervised.restart(ready));
        this.#onNotice(`${name} is back`);
        // Somebody may have asked while it was down.
        if (supervised.asked !== undefined) void supervised.part.stop();
      } catch (error) {
        this.#giveUp(error instanceof Error ? error.message : String(error));
        return;
      }
    }
  }

  // A method, since the flag changes while the caller waits.
  #isStopping(): boolean {
    return this.#stopping;
  }
}
