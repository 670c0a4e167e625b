/** A whole network and all subgraphs on it, for tests that ask the graph what a person would ask. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  chaincodeId,
  connectionProfileOf,
  deployEmbedded,
  embeddedAdministrators,
  embeddedEndpoints,
  prepareEmbedded,
  readNetworkDescription,
} from '@medigraph/network';
import { connectDocuments, type Documents } from '@medigraph/platform/documents';
import { createEnvelopeService } from '@medigraph/platform/envelope';
import { type RunningSubgraph, type SubgraphServices } from '@medigraph/platform/graph';
import {
  bothFactorsNow,
  createTokenIssuer,
  createTokenVerifiers,
  EmbeddedDAppClients,
  openKeyCustody,
  SealedStore,
  type TokenIssuer,
} from '@medigraph/platform/identity';
import { connectionProfile, connectLedger, type LedgerClient } from '@medigraph/platform/ledger';
import { silentLogger } from '@medigraph/platform/telemetry';
import { startClaimsSubgraph } from '@medigraph/subgraph-claims';
import { startConsentSubgraph } from '@medigraph/subgraph-consent';
import { startDAppsSubgraph } from '@medigraph/subgraph-dapps';
import { startPatientsSubgraph } from '@medigraph/subgraph-patients';
import { type Role } from '@medigraph/schema';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { startRecordsSubgraph } from '@medigraph/subgraph-records';
import { letClockJump } from '../faults/jumping-clock.js';
import { ordersFile } from '../faults/notes.js';

const starters: Readonly<Record<string, (services: SubgraphServices) => Promise<RunningSubgraph>>> = {
  patients: startPatientsSubgraph,
  records: startRecordsSubgraph,
  consent: startConsentSubgraph,
  claims: startClaimsSubgraph,
  dapps: startDAppsSubgraph,
};

/** Whom a token speaks for. */
export interface Person {
  readonly role: Role;
  readonly mspId: string;
  readonly institution?: string;
  readonly patient?: string;
  /** Practitioner of the institution, by the id that the ledger knows. */
  readonly practitioner?: string;
  /** OAuth client through which they call. */
  readonly clientId?: string;
  /** Of the token; none unless said. */
  readonly scopes?: readonly string[];
  /** True for whoever signed in with a password alone. */
  readonly passwordAlone?: boolean;
}

/** What the graph answers. */
export interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

/** What a test has beside the platform's own. */
export interface LiveGraphOptions {
  /** Whether {@link LiveGraph.jump} is to be had. */
  readonly clockJumps?: boolean;
  /** Chaincodes of third parties, by name: module of the process that runs one. It is on the channel once {@link LiveGraph.deploy} is called. */
  readonly strangers?: Readonly<Record<string, URL>>;
  /** A provider whose tokens count too, and the bearer secret of its administration. */
  readonly identity?: { readonly issuer: string; readonly secret: string };
}

/** Everything that a test has running. */
export class LiveGraph {
  readonly #folder: string;
  readonly #children: ChildProcess[] = [];
  readonly #documents: Documents[] = [];
  readonly #subgraphs = new Map<string, RunningSubgraph>();
  readonly #clients: Client[] = [];
  readonly #services = new Map<string, SubgraphServices>();
  #startSubgraph: (name: string) => Promise<void> = () => Promise.reject(new Error('not started'));
  #ledger: LedgerClient | undefined;
  #issuer: TokenIssuer | undefined;
  #jumpsBy: number | undefined;
  #deploy: (chaincode: string) => Promise<void> = () => Promise.reject(new Error('not started'));
  #mongodbUri = '';
  #administrators: () => ReturnType<typeof embeddedAdministrators> = () =>
    Promise.reject(new Error('not started'));

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async start(options: LiveGraphOptions = {}): Promise<LiveGraph> {
    const graph = new LiveGraph(await mkdtemp(path.join(tmpdir(), 'medigraph-graph-')));
    if (options.clockJumps === true) await graph.#letClocksJump();
    try {
      await graph.#start(options);
      return graph;
    } catch (error) {
      await graph.close();
      throw error;
    }
  }

  subgraph(name: string): RunningSubgraph {
    const found = this.#subgraphs.get(name);
    if (found === undefined) throw new Error(`no subgraph ${name}`);
    return found;
  }

  /** An administrator of each organisation at each of its peers; whoever asks closes the connections. */
  administrators(): ReturnType<typeof embeddedAdministrators> {
    return this.#administrators();
  }

  /** What a subgraph stands on. */
  services(name: string): SubgraphServices {
    const found = this.#services.get(name);
    if (found === undefined) throw new Error(`no subgraph ${name}`);
    return found;
  }

  /** Brings the chaincode of a third party onto the channel `care`, by the lifecycle. */
  deploy(chaincode: string): Promise<void> {
    return this.#deploy(chaincode);
  }

  /** An empty database. */
  async database(name: string): Promise<Documents> {
    const documents = await connectDocuments(this.#mongodbUri, `test_${process.pid}_${name}`);
    this.#documents.push(documents);
    return documents;
  }

  /** Stops a subgraph, has something done, and starts it again on what it has kept. */
  async without(name: string, act: () => Promise<void>): Promise<void> {
    await this.subgraph(name).close();
    this.#subgraphs.delete(name);
    await act();
    await this.#startSubgraph(name);
  }

  /** Sets the clocks of all parts ahead; each follows within moments. */
  async jump(milliseconds: number): Promise<void> {
    if (this.#jumpsBy === undefined) throw new Error('start with clockJumps');
    this.#jumpsBy += milliseconds;
    for (const { pid } of this.#children) {
      if (pid === undefined) continue;
      await writeFile(ordersFile(this.#faults, pid), JSON.stringify({ clock: this.#jumpsBy }));
      process.kill(pid, 'SIGUSR2');
    }
  }

  async token({ passwordAlone = false, ...person }: Person, lifetimeSeconds = 600): Promise<string> {
    const subject = person.patient ?? `${person.institution ?? person.mspId}/someone`;
    if (this.#issuer === undefined) throw new Error('not started');
    const signedIn = passwordAlone ? {} : bothFactorsNow();
    return this.#issuer.issue({ scopes: [], ...person, ...signedIn, subject }, lifetimeSeconds);
  }

  /** Asks one subgraph. @param person - who, or the token of another issuer. */
  async ask(name: string, person: Person | string, query: string, variables: object = {}): Promise<Answer> {
    const token = typeof person === 'string' ? person : await this.token(person);
    const response = await fetch(this.subgraph(name).url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as Answer;
  }

  /** A subscriber; close it when done. */
  async subscriber(name: string, person: Person, lifetimeSeconds?: number): Promise<Client> {
    const token = await this.token(person, lifetimeSeconds);
    const client = createClient({
      url: this.subgraph(name).wsUrl,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
      retryAttempts: 0,
    });
    this.#clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => Promise.resolve(client.dispose())));
    await Promise.all([...this.#subgraphs.values()].map((subgraph) => subgraph.close()));
    for (const documents of this.#documents) {
      await documents.connection.dropDatabase();
      await documents.close();
    }
    await this.#ledger?.close();
    await Promise.all(
      this.#children.reverse().map(async (child) => {
        if (child.exitCode !== null) return;
        child.kill('SIGTERM');
        await once(child, 'exit');
      }),
    );
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #faults(): string {
    return path.join(this.#folder, 'faults');
  }

  async #letClocksJump(): Promise<void> {
    await mkdir(this.#faults);
    this.#jumpsBy = 0;
    letClockJump(() => this.#jumpsBy ?? 0);
  }

  async #start({ strangers = {}, identity }: LiveGraphOptions): Promise<void> {
    const description = await readNetworkDescription();
    const addresses = await Promise.all(
      Object.entries(strangers).map(
        async ([name, url]) => `${name}=${await this.#chaincode(name, fileURLToPath(url))}`,
      ),
    );
    const [{ ledgerFile, material }, care, claims, registry, mongodbUri] = await Promise.all([
      prepareEmbedded(description, path.join(this.#folder, 'network')),
      this.#suite('care'),
      this.#suite('claims'),
      this.#suite('registry'),
      this.#documentServer(),
    ]);
    const ledgerServer = fileURLToPath(import.meta.resolve('@medigraph/embedded-ledger/server'));
    const { nodes } = (await this.#fork(ledgerServer, {
      MEDIGRAPH_LEDGER_NETWORK: ledgerFile,
      MEDIGRAPH_LEDGER_DATA: path.join(this.#folder, 'ledger'),
      MEDIGRAPH_LEDGER_CHAINCODES: [
        `care=${care}`,
        `claims=${claims}`,
        `registry=${registry}`,
        ...addresses,
      ].join(','),
    })) as { nodes: Record<string, string> };
    const endpoints = await embeddedEndpoints(description, material, nodes);
    await deployEmbedded(description, material, endpoints);
    this.#mongodbUri = mongodbUri;
    this.#administrators = () => embeddedAdministrators(description, material, endpoints);
    this.#deploy = async (chaincode) => {
      const channels = description.channels.map((channel) => {
        const [own] = channel.suites;
        if (channel.name !== 'care' || !own) return channel;
        return { ...channel, suites: [...channel.suites, { ...own, suite: chaincode, chaincode }] };
      });
      await deployEmbedded({ ...description, channels }, material, endpoints);
    };
    const network = connectionProfile.parse(await connectionProfileOf(description, material, endpoints));
    const store = await SealedStore.open({ folder: path.join(this.#folder, 'custody') });
    this.#issuer = await createTokenIssuer({ store, issuer: 'test' });
    this.#ledger = connectLedger(network);
    const shared = {
      ledger: this.#ledger,
      custody: openKeyCustody({ store, profile: network }),
      envelopes: createEnvelopeService(),
      tokens: createTokenVerifiers([
        { issuer: 'test', keys: this.#issuer },
        ...(identity ? [{ issuer: identity.issuer, keys: 'discovery' as const }] : []),
      ]),
      ...(identity && { dappClients: new EmbeddedDAppClients(identity) }),
      network,
      logger: silentLogger,
    };
    this.#startSubgraph = async (name) => {
      const documents = await this.database(name);
      const services = { ...shared, documents };
      this.#services.set(name, services);
      const running = await starters[name]?.(services);
      if (running) this.#subgraphs.set(name, running);
    };
    for (const name of Object.keys(starters)) await this.#startSubgraph(name);
  }

  #suite(name: string): Promise<string> {
    return this.#chaincode(name, fileURLToPath(import.meta.resolve(`@medigraph/chaincode-${name}/server`)));
  }

  /** Address of a chaincode that was started. */
  async #chaincode(name: string, file: string): Promise<string> {
    const ready = await this.#fork(file, {
      CHAINCODE_SERVER_ADDRESS: '127.0.0.1:0',
      CHAINCODE_ID: await chaincodeId(name),
    });
    return (ready as { address: string }).address;
  }

  async #documentServer(): Promise<string> {
    const given = process.env['MONGODB_URI'];
    if (given !== undefined) return given;
    const server = fileURLToPath(import.meta.resolve('@medigraph/embedded-documents/server'));
    const ready = await this.#fork(server, {}, ['--data', path.join(this.#folder, 'documents')]);
    return (ready as { uri: string }).uri;
  }

  async #fork(file: string, env: Record<string, string>, args: string[] = []): Promise<unknown> {
    const preload = new URL('../faults/preload.js', import.meta.url).href;
    const jumping = { NODE_OPTIONS: `--import=${preload}`, MEDIGRAPH_FAULTS_FOLDER: this.#faults };
    const child = fork(file, args, {
      env: { ...process.env, ...env, ...(this.#jumpsBy === undefined ? {} : jumping) },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: ['--no-warnings'],
    });
    this.#children.push(child);
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`${file} ended with ${String(code)} before it was ready`);
    });
    const [ready] = (await Promise.race([once(child, 'message'), ended])) as [unknown];
    // Later, the end of the process is nothing to be told of.
    ended.catch(() => undefined);
    return ready;
  }
}
