import { setTimeout as delay } from 'node:timers/promises';
import { NativeConfigurationError } from './errors.js';
import { NodeProcess, type NodeProcessOptions } from './node-process.js';
import { removeRunFile, writeRunFile } from './run-file.js';

/** Milliseconds within which restarts of a node count together. */
const restartWindow = 60_000;
const mostRestarts = 5;
/** Milliseconds before the first restart; each further one within the window waits twice as long. */
const firstRestartDelay = 200;

interface Member {
  readonly program: NodeProcessOptions;
  node: NodeProcess;
  /** Taken down on purpose: stays down until it is brought back. */
  held: boolean;
  readonly restarts: number[];
}

export interface ProcessesOptions {
  readonly folder: string;
  readonly connectionProfile: string;
  /** Something that an operator wants to know while it runs, such as a restart of a node. */
  readonly onNotice: (message: string) => void;
}

/**
 * The processes of a network. One that crashes is started again; one that keeps crashing, or is stopped by somebody else,
 * is the failure of all. They are stopped in the reverse order of their starts.
 */
export class Processes {
  readonly #options: ProcessesOptions;
  readonly #groups: Member[][] = [];
  #stopping = false;
  #fail!: (reason: string) => void;
  readonly failed: Promise<string>;

  constructor(options: ProcessesOptions) {
    this.#options = options;
    this.failed = new Promise((resolve) => (this.#fail = resolve));
  }

  /** Starts programs that do not need each other; they are recorded in the run file before anything else happens. */
  async start(programs: readonly NodeProcessOptions[]): Promise<void> {
    const group: Member[] = [];
    this.#groups.push(group);
    const results = await Promise.allSettled(
      programs.map(async (program) => {
        const member = { program, node: await NodeProcess.start(program), held: false, restarts: [] };
        group.push(member);
        this.#watch(member);
      }),
    );
    await this.#record();
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  /** Starts those of these programs that the network does not have yet; answers their names. */
  async startMissing(programs: readonly NodeProcessOptions[]): Promise<string[]> {
    const known = new Set(this.#groups.flat().map(({ program }) => program.name));
    const missing = programs.filter(({ name }) => !known.has(name));
    if (missing.length > 0) await this.start(missing);
    return missing.map(({ name }) => name);
  }

  /** Kills a node as a crash of its machine would; it stays down until {@link Processes.bringBack}. */
  async takeDown(name: string): Promise<void> {
    const member = this.#member(name);
    member.held = true;
    await member.node.kill();
  }

  /** Starts a node that was taken down; resolves once it serves. */
  async bringBack(name: string): Promise<void> {
    const member = this.#member(name);
    if (!member.held) return;
    await this.#startAgain(member);
    member.held = false;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const group of [...this.#groups].reverse()) await Promise.all(group.map(({ node }) => node.stop()));
    await removeRunFile(this.#options.folder);
  }

  #member(name: string): Member {
    const member = this.#groups.flat().find(({ program }) => program.name === name);
    if (!member) throw new NativeConfigurationError(`The network has no node ${name}.`);
    return member;
  }

  #watch(member: Member): void {
    void member.node.ended.then((how) => this.#onEnd(member, how));
  }

  /** Starts a node again until that succeeds: its port may be another program's for a moment. */
  async #onEnd(member: Member, how: string): Promise<void> {
    const { name, logFile } = member.program;
    let fault = `${name} ${how}`;
    while (!this.#isStopping() && !member.held) {
      const recent = member.restarts.filter((time) => time > Date.now() - restartWindow);
      if (!member.node.crashed || recent.length >= mostRestarts) {
        this.#fail(`${fault}; see ${logFile}`);
        return;
      }
      member.restarts.push(Date.now());
      this.#options.onNotice(`${fault}; starting it again`);
      await delay(firstRestartDelay * 2 ** recent.length);
      if (this.#isStopping()) return;
      try {
        await this.#startAgain(member);
        this.#options.onNotice(`${name} is back`);
        return;
      } catch (error) {
        fault = error instanceof Error ? error.message : String(error);
      }
    }
  }

  async #startAgain(member: Member): Promise<void> {
    const node = await NodeProcess.start(member.program);
    member.node = node;
    // The network may have been stopped while the node started.
    if (this.#stopping) return node.stop();
    this.#watch(member);
    await this.#record();
  }

  // A method, since the flag changes while the caller waits.
  #isStopping(): boolean {
    return this.#stopping;
  }

  async #record(): Promise<void> {
    const { folder, connectionProfile } = this.#options;
    await writeRunFile(folder, {
      startedAt: new Date().toISOString(),
      connectionProfile,
      nodes: this.#groups.flat().map(({ node: { pid }, program: { name, port, logFile } }) => ({
        name,
        pid,
        port,
        logFile,
      })),
    });
  }
}
