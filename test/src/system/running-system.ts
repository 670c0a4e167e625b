/** A whole Medigraph in a folder of its own, started as `medigraph start` starts it and asked through its router. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GraphClient, type Medigraph, openRunning, startMedigraph } from '@medigraph/launcher';

/** What the router answers. */
export interface Answer<Data = Record<string, unknown>> {
  readonly status: number;
  readonly data?: Data | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: { readonly code?: string };
  }[];
}

/** Codes of an answer's errors. */
export const codesOf = ({ errors = [] }: Answer): string[] =>
  errors.map(({ extensions }) => extensions?.code ?? 'none');

export class RunningSystem {
  /** Data folder. */
  readonly folder: string;
  /** What the launcher told its operator. */
  readonly notices: string[] = [];
  readonly #clients: GraphClient[] = [];
  #medigraph: Medigraph | undefined;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Starts an empty one. */
  static async start(): Promise<RunningSystem> {
    const system = new RunningSystem(await mkdtemp(path.join(tmpdir(), 'medigraph-system-')));
    try {
      await system.startAgain();
      return system;
    } catch (error) {
      await system.close();
      throw error;
    }
  }

  get medigraph(): Medigraph {
    if (this.#medigraph === undefined) throw new Error('the system is stopped');
    return this.#medigraph;
  }

  get url(): string {
    return this.medigraph.url;
  }

  /** Starts what {@link stop} stopped. */
  async startAgain(): Promise<void> {
    this.#medigraph = await startMedigraph({
      data: this.folder,
      port: 0,
      reset: false,
      onNotice: (notice) => this.notices.push(notice),
      signal: new AbortController().signal,
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((client) => client.close()));
    const medigraph = this.#medigraph;
    this.#medigraph = undefined;
    await medigraph?.stop();
  }

  async close(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** As of who has shown a second factor. */
  async token(role: string, lifetimeSeconds?: number): Promise<string> {
    return (await openRunning(this.folder)).tokenFor(role, lifetimeSeconds, true);
  }

  /** A client that throws on errors; closed with the system. */
  async client(role: string): Promise<GraphClient> {
    const client = new GraphClient(this.url, await this.token(role));
    this.#clients.push(client);
    return client;
  }

  /** Asks as a role of the `medigraph token` command. */
  async ask<Data = Record<string, unknown>>(
    role: string,
    query: string,
    variables: object = {},
  ): Promise<Answer<Data>> {
    return this.send<Data>(JSON.stringify({ query, variables }), await this.token(role));
  }

  /** Sends a body as it is. */
  async send<Data = Record<string, unknown>>(body: string, token?: string): Promise<Answer<Data>> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body,
    });
    return { status: response.status, ...((await response.json()) as Omit<Answer<Data>, 'status'>) };
  }

  /** Asks and takes the data. @throws if there are errors. */
  async data<Data>(role: string, query: string, variables: object = {}): Promise<Data> {
    const answer = await this.ask<Data>(role, query, variables);
    if (answer.errors !== undefined || !answer.data) throw new Error(JSON.stringify(answer));
    return answer.data;
  }

  /** Process id of a part. */
  pid(part: string): number {
    const pid = this.medigraph.parts().find(({ name }) => name === part)?.pid;
    if (pid === undefined) throw new Error(`no part ${part} runs`);
    return pid;
  }
}
