import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestBench } from './test-bench.js';

/** The router as a process of its own, before the clinic of a bench and with the keys of its router. */
export class RouterProcess {
  readonly url: string;
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
  readonly #folder: string;

  private constructor(child: ChildProcess, url: string, folder: string) {
    this.child = child;
    this.url = url;
    this.#folder = folder;
    this.exited = once(child, 'exit').then(([code]: unknown[]) => code);
  }

  static async start(bench: TestBench, env: Readonly<Record<string, string>> = {}): Promise<RouterProcess> {
    const folder = await mkdtemp(path.join(tmpdir(), 'router-'));
    await writeFile(path.join(folder, 'supergraph.graphql'), bench.clinic.supergraph);
    const child = fork(path.join(import.meta.dirname, '../server.js'), [], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: {
        ...process.env,
        MEDIGRAPH_SUPERGRAPH: path.join(folder, 'supergraph.graphql'),
        MEDIGRAPH_SUBGRAPHS: JSON.stringify(bench.clinic.endpoints),
        MEDIGRAPH_JWKS_URI: bench.at('/.well-known/jwks.json'),
        MEDIGRAPH_TOKEN_ISSUER: 'urn:medigraph:test',
        MEDIGRAPH_PORT: '0',
        ...env,
      },
    });
    const [ready] = (await once(child, 'message')) as [{ type: string; url: string }];
    return new RouterProcess(child, ready.url, folder);
  }

  get wsUrl(): string {
    return this.url.replace(/^http/, 'ws');
  }

  /** Replaces the file of the supergraph, as a deployment does. */
  async offer(supergraph: string): Promise<void> {
    const file = path.join(this.#folder, 'supergraph.graphql');
    await writeFile(`${file}.new`, supergraph);
    await rename(`${file}.new`, file);
  }

  /** Ends the process, if it still runs, and removes what it was given. */
  async remove(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGKILL');
      await this.exited;
    }
    await rm(this.#folder, { recursive: true });
  }
}
