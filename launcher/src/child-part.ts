import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { CommandError } from './errors.js';
import { nodeArguments } from './node-arguments.js';
import { ask } from './part-questions.js';

/** A part of Medigraph that runs in its own process: forked, ready when it says so over IPC, ended by SIGTERM. */
export interface PartOptions {
  readonly name: string;
  /** Absolute path of the part's compiled entry. */
  readonly entry: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds until a start counts as failed. */
  readonly startTimeout?: number;
  /** Milliseconds from SIGTERM to SIGKILL. */
  readonly stopTimeout?: number;
  /** A line that the part wrote to its standard error. */
  readonly onLog: (line: string) => void;
}

/** What a part says once it serves: addresses that the others need. */
export type ReadyMessage = Readonly<Record<string, unknown>> & { readonly type: 'ready' };

const isReady = (message: unknown): message is ReadyMessage =>
  typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready';

/** One running process of a part. */
export class ChildPart {
  readonly name: string;
  readonly ready: ReadyMessage;
  /** Resolves when the process is gone, with how it ended. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  readonly #stopTimeout: number;

  private constructor(
    options: PartOptions,
    child: ChildProcess,
    ready: ReadyMessage,
    ended: Promise<string>,
  ) {
    this.name = options.name;
    this.ready = ready;
    this.ended = ended;
    this.#child = child;
    this.#stopTimeout = options.stopTimeout ?? 10_000;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @throws {@link CommandError} `PART_START_FAILED` with the error that the part logged, else its last lines. */
  static async start(options: PartOptions): Promise<ChildPart> {
    const child = fork(options.entry, options.args ?? [], {
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [...nodeArguments],
      // Its own process group: Ctrl-C reaches the launcher alone, which then stops the parts in order.
      detached: true,
    });
    const lastLines: string[] = [];
    let rest = '';
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        lastLines.push(line);
        if (lastLines.length > 20) lastLines.shift();
        options.onLog(line);
      }
    });
    const ended = once(child, 'exit').then(([code, signal]: unknown[]) =>
      typeof signal === 'string' ? `killed by ${signal}` : `exited with ${String(code)}`,
    );
    const timeout = options.startTimeout ?? 60_000;
    const ready = await new Promise<ReadyMessage>((resolve, reject) => {
      const fail = (why: string) => {
        const cause = lastLines.findLastIndex((line) => /^\w*Error\b/.test(line));
        const said = (cause < 0 ? lastLines : lastLines.slice(cause, cause + 5)).slice(-5).join('\n');
        reject(
          new CommandError(
            'PART_START_FAILED',
            `${options.name} did not start: ${why}${said && `\n${said}`}`,
          ),
        );
      };
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        fail(`not ready within ${timeout / 1000} s`);
      }, timeout);
      child.on('message', (message) => {
        if (!isReady(message)) return;
        clearTimeout(timer);
        resolve(message);
      });
      child.once('error', (error) => fail(error.message));
      void ended.then((how) => {
        clearTimeout(timer);
        fail(how);
      });
    });
    return new ChildPart(options, child, ready, ended);
  }

  /** Hears what the process says over IPC after it was ready. */
  onMessage(listener: (message: unknown) => void): void {
    this.#child.on('message', listener);
  }

  /** Says something to the process over IPC. */
  send(message: object): void {
    this.#child.send(message);
  }

  /** Asks what the process answers with `answerWith`. @throws as {@link ask} */
  ask(name: string, value: unknown, signal?: AbortSignal): Promise<unknown> {
    return ask(this.#child, name, value, signal);
  }

  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), this.#stopTimeout);
    this.#child.kill('SIGTERM');
    await this.ended;
    clearTimeout(timer);
  }
}
