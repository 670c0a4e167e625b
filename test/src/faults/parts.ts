import { rename, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  ChildPart,
  type PartKeeper,
  type PartOptions,
  type ReadyMessage,
  type RestartOptions,
} from '@medigraph/launcher';
import { type Orders, ordersFile } from './notes.js';
import { type PartName } from './schedule.js';

const preload = fileURLToPath(new URL('preload.js', import.meta.url));

/** How long a part is waited for to write something, in milliseconds. */
const patienceMs = 500;

/** Sends a signal; a process that has ended by itself is found out otherwise. */
function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

interface Kept {
  part: ChildPart;
  readonly first: ReadyMessage;
  readonly restart: RestartOptions;
  restarts: number;
  /** True while it is meant to be down. */
  down: boolean;
}

/** Keeps the parts of a system as its supervisor would, but lets the harness say when one dies and when it comes back. */
export class FaultyParts implements PartKeeper {
  readonly #kept = new Map<string, Kept>();
  readonly #notes: string;
  #fail!: (reason: string) => void;
  /** Resolves with the reason when a part ends that nobody has killed. */
  readonly failed: Promise<string>;
  #failure: string | undefined;

  /** @param notes - Folder for what the parts and the harness tell each other. */
  constructor(notes: string) {
    this.#notes = notes;
    this.failed = new Promise((resolve) => (this.#fail = resolve));
    void this.failed.then((reason) => (this.#failure = reason));
  }

  /** Why the system cannot go on, if it cannot. */
  get failure(): string | undefined {
    return this.#failure;
  }

  async start(options: PartOptions, restart: RestartOptions): Promise<ReadyMessage> {
    const part = await ChildPart.start(this.#observed(options));
    const kept: Kept = { part, first: part.ready, restart, restarts: 0, down: false };
    this.#kept.set(part.name, kept);
    this.#watch(kept);
    return part.ready;
  }

  get parts(): PartKeeper['parts'] {
    return [...this.#kept.values()].map(({ part: { name, pid }, restarts }) => ({ name, pid, restarts }));
  }

  isDown(name: PartName): boolean {
    return this.#of(name).down;
  }

  signal(name: PartName, signal: NodeJS.Signals): void {
    const { part, down } = this.#of(name);
    if (!down && part.pid !== undefined) kill(part.pid, signal);
  }

  /** Ends a part and waits until it is gone; it stays down until {@link revive}. */
  async take(name: PartName, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const kept = this.#of(name);
    if (kept.down) return;
    kept.down = true;
    if (kept.part.pid !== undefined) {
      // A process that is stopped does not hear a SIGTERM.
      kill(kept.part.pid, 'SIGCONT');
      kill(kept.part.pid, signal);
    }
    await kept.part.ended;
  }

  /** As {@link take}, in the middle of its next synced write, `delayMs` after that has begun; soon, if it writes nothing. */
  async takeWriting(name: PartName, delayMs: number): Promise<void> {
    const kept = this.#of(name);
    if (kept.down) return;
    kept.down = true;
    await this.#order(kept, { clock: 0, dieWriting: delayMs });
    const waited = new AbortController();
    const patience = delay(patienceMs, undefined, { signal: waited.signal }).catch(() => undefined);
    await Promise.race([kept.part.ended, patience]);
    waited.abort();
    if (kept.part.pid !== undefined) kill(kept.part.pid, 'SIGKILL');
    await kept.part.ended;
  }

  /** Starts a part again that was taken. @throws if it does not start: then it cannot live with what was done to it. */
  async revive(name: PartName): Promise<void> {
    const kept = this.#of(name);
    if (!kept.down) return;
    kept.part = await ChildPart.start(this.#observed(await kept.restart(kept.first)));
    kept.restarts += 1;
    kept.down = false;
    this.#watch(kept);
  }

  /** Sets the clock of a part wrong by so many milliseconds. */
  async setClock(name: PartName, by: number): Promise<void> {
    const kept = this.#of(name);
    if (!kept.down) await this.#order(kept, { clock: by });
  }

  async stop(): Promise<void> {
    for (const kept of [...this.#kept.values()].reverse()) {
      if (kept.down) continue;
      kept.down = true;
      if (kept.part.pid !== undefined) kill(kept.part.pid, 'SIGCONT');
      await kept.part.stop();
    }
  }

  #observed(options: PartOptions): PartOptions {
    const env = { ...options.env, NODE_OPTIONS: `--import=${preload}`, MEDIGRAPH_FAULTS_FOLDER: this.#notes };
    return { ...options, env };
  }

  async #order({ part: { pid } }: Kept, orders: Orders): Promise<void> {
    if (pid === undefined) return;
    const file = ordersFile(this.#notes, pid);
    // In one step: a signal that was sent before may be heard only now.
    await writeFile(`${file}.new`, JSON.stringify(orders));
    await rename(`${file}.new`, file);
    kill(pid, 'SIGUSR2');
  }

  #watch(kept: Kept): void {
    const { part } = kept;
    void part.ended.then((how) => {
      if (!kept.down && kept.part === part) this.#fail(`${part.name} ${how} by itself`);
    });
  }

  #of(name: string): Kept {
    const kept = this.#kept.get(name);
    if (kept === undefined) throw new Error(`there is no part ${name}`);
    return kept;
  }
}
