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
  /** Resolves once nothing starts it again. */
  watched: Promise<void>;
}

function takeAsked(supervised: Supervised): Supervised['asked'] {
  const { asked } = supervised;
  supervised.asked = undefined;
  return asked;
}

/**
 * Keeps the parts running: one that dies is started again at the same addresses; one that keeps dying brings all down.
 * Stops them in the reverse order of their starts.
 */
export class Supervisor implements PartKeeper {
  readonly #parts: Supervised[] = [];
  readonly #onNotice: (message: string) => void;
  readonly #stop = new AbortController();
  readonly #stopping = this.#stop.signal;
  #giveUp!: (reason: string) => void;
  readonly failed: Promise<string>;

  constructor(onNotice: (message: string) => void) {
    this.#onNotice = onNotice;
    this.failed = new Promise((resolve) => (this.#giveUp = resolve));
  }

  async start(options: PartOptions, restart: RestartOptions): Promise<ReadyMessage> {
    const part = await ChildPart.start(options);
    const supervised: Supervised = { part, restart, restarts: [], watched: Promise.resolve() };
    this.#parts.push(supervised);
    supervised.watched = this.#watch(supervised);
    return part.ready;
  }

  /** Starts a part anew on purpose, so that it reads what it is started with again; answers once it is ready. */
  restart(name: string): Promise<ReadyMessage> {
    const supervised = this.#parts.find(({ part }) => part.name === name);
    if (supervised === undefined || this.#stopping.aborted)
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
    this.#stop.abort(new CommandError('PART_GONE', 'all parts are being stopped'));
    for (const supervised of [...this.#parts].reverse()) {
      await supervised.part.stop();
      // It may have been on its way back.
      await supervised.watched;
    }
  }

  async #watch(supervised: Supervised): Promise<void> {
    for (;;) {
      const how = await supervised.part.ended;
      if (this.#stopping.aborted) return;
      const asked = takeAsked(supervised);
      try {
        await this.#startAnew(supervised, asked === undefined ? how : undefined);
      } catch (error) {
        asked?.reject(error);
        if (!this.#isStopping()) this.#giveUp(error instanceof Error ? error.message : String(error));
        return;
      }
      asked?.resolve(supervised.part.ready);
      // Somebody may have asked while it was down.
      if (supervised.asked !== undefined) void supervised.part.stop();
    }
  }

  /**
   * Starts a part again until that succeeds: the port it had may be another program's for a moment.
   * @param how - it ended; undefined if on purpose, which is no fault of its own
   * @throws after too many faults within a minute; when all are stopped meanwhile.
   */
  async #startAnew(supervised: Supervised, how: string | undefined): Promise<void> {
    const { name, ready } = supervised.part;
    let fault = how === undefined ? undefined : `${name} ${how}`;
    for (;;) {
      if (fault !== undefined) await this.#pause(supervised, fault);
      try {
        supervised.part = await ChildPart.start(await supervised.restart(ready));
        break;
      } catch (error) {
        fault = error instanceof Error ? error.message : String(error);
      }
    }
    if (fault !== undefined) this.#onNotice(`${name} is back`);
    if (this.#isStopping()) await supervised.part.stop();
  }

  /** Waits, longer after each fault. @throws {@link CommandError} `PART_GONE` after too many within a minute. */
  async #pause({ part: { name }, restarts }: Supervised, fault: string): Promise<void> {
    const recent = restarts.filter((time) => time > Date.now() - window);
    if (recent.length >= mostRestarts) {
      const times = `for the ${mostRestarts + 1}th time within a minute`;
      throw new CommandError('PART_GONE', `${name} went down ${times}: ${fault}`);
    }
    restarts.push(Date.now());
    this.#onNotice(`${fault}; starting it again`);
    await delay(200 * 2 ** recent.length, undefined, { signal: this.#stopping });
  }

  // A method, since the signal changes while the caller waits.
  #isStopping(): boolean {
    return this.#stopping.aborted;
  }
}
