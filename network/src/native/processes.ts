import { NodeProcess, type NodeProcessOptions } from './node-process.js';
import { removeRunFile, writeRunFile } from './run-file.js';

/** The processes of a network, stopped in the reverse order of their starts. */
export class Processes {
  readonly #folder: string;
  readonly #connectionProfile: string;
  readonly #groups: NodeProcess[][] = [];
  readonly #programs = new Map<NodeProcess, NodeProcessOptions>();
  #stopping = false;
  #fail!: (reason: string) => void;
  readonly failed: Promise<string>;

  constructor(folder: string, connectionProfile: string) {
    this.#folder = folder;
    this.#connectionProfile = connectionProfile;
    this.failed = new Promise((resolve) => (this.#fail = resolve));
  }

  /** Starts programs that do not need each other; they are recorded in the run file before anything else happens. */
  async start(programs: readonly NodeProcessOptions[]): Promise<void> {
    const group: NodeProcess[] = [];
    this.#groups.push(group);
    const results = await Promise.allSettled(
      programs.map(async (program) => {
        const node = await NodeProcess.start(program);
        group.push(node);
        this.#programs.set(node, program);
        void node.ended.then((how) => {
          if (!this.#stopping) this.#fail(`${node.name} ${how}; see ${program.logFile}`);
        });
      }),
    );
    await this.#record();
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const group of [...this.#groups].reverse()) await Promise.all(group.map((node) => node.stop()));
    await removeRunFile(this.#folder);
  }

  async #record(): Promise<void> {
    await writeRunFile(this.#folder, {
      startedAt: new Date().toISOString(),
      connectionProfile: this.#connectionProfile,
      nodes: [...this.#programs].map(([{ name, pid, port }, { logFile }]) => ({ name, pid, port, logFile })),
    });
  }
}
