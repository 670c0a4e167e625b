import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { NodeFailedError, PortTakenError } from './errors.js';

/** How a program of the network is run. */
export interface NodeProcessOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Working folder; exists. */
  readonly folder: string;
  readonly logFile: string;
  /** Loopback port on which it serves: it counts as started once it accepts connections there. */
  readonly port: number;
}

/** Milliseconds until a start counts as failed. */
const startTimeout = 60_000;
/** Milliseconds from SIGTERM to SIGKILL. */
const stopTimeout = 15_000;
/** Milliseconds between looks at a port that does not answer yet. */
const pollInterval = 25;

/** True if something accepts connections on this loopback port. */
export async function answers(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function lastLines(file: string, count: number): Promise<string> {
  return (await readFile(file, 'utf8')).trimEnd().split('\n').slice(-count).join('\n');
}

/** One running program of the network: a node of Fabric or a contract suite. */
export class NodeProcess {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  /** Resolves when the process is gone, with how it ended. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;

  private constructor(options: NodeProcessOptions, child: ChildProcess, pid: number, ended: Promise<string>) {
    this.name = options.name;
    this.pid = pid;
    this.port = options.port;
    this.ended = ended;
    this.#child = child;
  }

  /**
   * Starts the program and waits until it serves.
   * @throws {@link PortTakenError}, {@link NodeFailedError}
   */
  static async start(options: NodeProcessOptions): Promise<NodeProcess> {
    if (await answers(options.port)) {
      throw new PortTakenError(`Port ${options.port} of ${options.name} is used by another program.`);
    }
    const log = await open(path.resolve(options.logFile), 'a', 0o600);
    const child = spawn(options.command, options.args, {
      cwd: options.folder,
      env: options.env,
      stdio: ['ignore', log.fd, log.fd],
      // Its own process group: Ctrl-C reaches the launcher alone, which then stops the nodes in order.
      detached: true,
    });
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) =>
        resolve(signal ? `killed by ${signal}` : `exited with ${String(code)}`),
      );
    });
    await log.close();
    let over: string | undefined;
    void ended.then((how) => (over = how));
    const deadline = Date.now() + startTimeout;
    while (child.pid !== undefined) {
      if (await answers(options.port)) return new NodeProcess(options, child, child.pid, ended);
      if (over !== undefined) break;
      if (Date.now() > deadline) {
        child.kill('SIGKILL');
        over = `does not serve on port ${options.port} after ${startTimeout / 1000} s`;
        break;
      }
      await delay(pollInterval);
    }
    throw new NodeFailedError(
      `${options.name} did not start: ${over ?? (await ended)}\n${await lastLines(options.logFile, 10)}`,
    );
  }

  /** True once the process has ended otherwise than because it was told to: by a signal that it could not handle, or with an error. */
  get crashed(): boolean {
    const { exitCode, signalCode } = this.#child;
    if (signalCode !== null) return signalCode !== 'SIGTERM' && signalCode !== 'SIGINT';
    return exitCode !== null && exitCode !== 0;
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  /** SIGTERM, then SIGKILL if it does not go; resolves when it is gone. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopTimeout);
    this.#child.kill('SIGTERM');
    await this.ended;
    clearTimeout(timer);
  }
}
