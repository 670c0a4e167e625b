import { chaincodeId, deployEmbedded, embeddedEndpoints, type NetworkDescription } from '@medigraph/network';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startLedger, type Ledger, type LedgerOptions } from '../ledger.js';
import { readLedgerNetwork } from '../network.js';
import { readUser, TestClient, type User } from './client.js';
import { RawClient } from './raw-client.js';
import { plainText, type Security } from './security.js';
import { freeAddress, ReadyProcess } from './processes.js';

/** Organisations of {@link testDescription}: MSP id to domain. */
export const testDomains: Readonly<Record<string, string>> = {
  AlphaMSP: 'alpha.example',
  BetaMSP: 'beta.example',
  GammaMSP: 'gamma.example',
};

const collection = {
  requiredPeers: 0,
  maxPeers: 1,
  blockToLive: 0,
  memberOnlyRead: false,
  memberOnlyWrite: false,
};

/** Collections of `sample` on `main`. */
const testCollections = [
  { ...collection, name: 'shared', policy: "OR('AlphaMSP.member', 'BetaMSP.member')" },
  {
    ...collection,
    name: 'members',
    policy: "OR('AlphaMSP.member', 'BetaMSP.member')",
    memberOnlyRead: true,
    memberOnlyWrite: true,
  },
  {
    ...collection,
    name: 'passing',
    policy: "OR('AlphaMSP.member', 'BetaMSP.member')",
    blockToLive: 2,
  },
  { ...collection, name: 'crowd', policy: "OR('AlphaMSP.member')", requiredPeers: 1 },
  {
    ...collection,
    name: 'lone',
    policy: "OR('AlphaMSP.member', 'BetaMSP.member')",
    maxPeers: 0,
    endorsementPolicy: "OR('GammaMSP.peer')",
  },
];

/** Three organisations; `main` has all and needs two of three, `narrow` lacks Gamma and needs both. */
export const testDescription = {
  organizations: Object.entries(testDomains).map(([mspId, domain]) => ({ mspId, domain, peers: ['peer0'] })),
  orderer: { mspId: 'OrdererMSP', domain: 'orderer.example', nodes: ['orderer0'] },
  channels: [
    {
      name: 'main',
      organizations: ['AlphaMSP', 'BetaMSP', 'GammaMSP'],
      suites: [
        {
          suite: 'sample',
          chaincode: 'sample',
          endorsementPolicy: "OutOf(2, 'AlphaMSP.peer', 'BetaMSP.peer', 'GammaMSP.peer')",
          collections: testCollections,
        },
        { suite: 'other', chaincode: 'other', endorsementPolicy: "OR('GammaMSP.peer')" },
      ],
    },
    {
      name: 'narrow',
      organizations: ['AlphaMSP', 'BetaMSP'],
      suites: [
        { suite: 'sample', chaincode: 'sample', endorsementPolicy: "AND('AlphaMSP.peer', 'BetaMSP.peer')" },
      ],
    },
  ],
  batch: { timeoutMs: 10, maxTransactions: 500, absoluteMaxBytes: 1_048_576, preferredMaxBytes: 524_288 },
};

export interface TestNetworkOptions {
  /** Makes the network's material in a folder; answers the description file. */
  readonly prepare: (folder: string) => Promise<string>;
  /** What is other than in {@link testDescription}, where its preparation made it so. */
  readonly changes?: Partial<NetworkDescription>;
  readonly ledger?: Partial<LedgerOptions>;
  /** How clients connect; in plain text by default. */
  readonly security?: (network: TestNetwork, mspId: string) => Promise<Security>;
}

/** A network of test organisations with the sample chaincode in processes of its own. */
export class TestNetwork {
  readonly folder: string;
  readonly description: string;
  readonly chaincodes: Record<string, string>;
  readonly #options: TestNetworkOptions;
  readonly #clients: { close(): void }[] = [];
  readonly #processes = new Map<string, ReadyProcess<unknown>>();
  #ledger: Ledger | undefined;

  private constructor(
    folder: string,
    description: string,
    options: TestNetworkOptions,
    chaincodes: Record<string, string>,
  ) {
    this.folder = folder;
    this.description = description;
    this.#options = options;
    this.chaincodes = chaincodes;
  }

  static async start(options: TestNetworkOptions): Promise<TestNetwork> {
    const network = await TestNetwork.prepare(options);
    await network.startLedger();
    return network;
  }

  /** Everything but the ledger itself. */
  static async prepare(options: TestNetworkOptions): Promise<TestNetwork> {
    const folder = await mkdtemp(path.join(tmpdir(), 'medigraph-ledger-'));
    const description = await options.prepare(path.join(folder, 'network'));
    const chaincodes = { sample: await freeAddress(), other: await freeAddress() };
    const network = new TestNetwork(folder, description, options, chaincodes);
    for (const suite of ['sample', 'other'] as const) await network.startChaincode(suite);
    return network;
  }

  get ledger(): Ledger {
    if (this.#ledger === undefined) throw new Error('the ledger is not running');
    return this.#ledger;
  }

  get dataFolder(): string {
    return path.join(this.folder, 'data');
  }

  /** Starts the ledger, and brings the chaincodes of the description up. */
  async startLedger(): Promise<void> {
    await this.reopenLedger();
    const description = { ...testDescription, ...this.#options.changes };
    const material = this.material('organizations');
    const endpoints = await embeddedEndpoints(description, material, this.ledger.nodes);
    await deployEmbedded(description, material, endpoints);
  }

  /** Starts the ledger on what it has: channels may have become other than the description. */
  async reopenLedger(): Promise<void> {
    this.#ledger = await startLedger({
      network: await readLedgerNetwork(this.description),
      dataFolder: this.dataFolder,
      chaincodes: this.chaincodes,
      ...this.#options.ledger,
    });
  }

  async stopLedger(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.close();
    await this.#ledger?.close();
    this.#ledger = undefined;
  }

  async startChaincode(suite: 'sample' | 'other'): Promise<void> {
    const address = this.chaincodes[suite] ?? '';
    this.#processes.set(
      suite,
      await ReadyProcess.start('testing/sample-chaincode.js', [address, await chaincodeId(suite)]),
    );
  }

  chaincode(suite: 'sample' | 'other'): ReadyProcess<unknown> {
    const found = this.#processes.get(suite);
    if (found === undefined) throw new Error(`chaincode ${suite} is not running`);
    return found;
  }

  /** Folder of a file below the network's material. */
  material(...parts: string[]): string {
    return path.join(this.folder, 'network', ...parts);
  }

  user(mspId: string, name = 'User1'): Promise<User> {
    const domain = testDomains[mspId] ?? '';
    const organization = this.material('organizations', 'peerOrganizations', domain);
    return readUser(mspId, path.join(organization, 'users', `${name}@${domain}`, 'msp'));
  }

  /** A client of an organisation at its own peer. */
  async client(mspId = 'AlphaMSP', user?: User, at = mspId): Promise<TestClient> {
    const address = this.ledger.peers[at] ?? '';
    const client = new TestClient(address, user ?? (await this.user(mspId)), await this.security(mspId));
    this.#clients.push(client);
    return client;
  }

  /** A client below the SDK. */
  async raw(mspId = 'AlphaMSP', user?: User, at = mspId): Promise<RawClient> {
    const { peers } = this.ledger;
    return this.rawAt(peers[at] ?? '', user ?? (await this.user(mspId)), await this.security(mspId));
  }

  /** A client below the SDK at any address. */
  rawAt(address: string, user: User, security?: Security): RawClient {
    const client = new RawClient(user, address, this.ledger.orderer, security);
    this.#clients.push(client);
    return client;
  }

  async security(mspId: string): Promise<Security> {
    return (await this.#options.security?.(this, mspId)) ?? plainText;
  }

  async close(): Promise<void> {
    await this.stopLedger();
    for (const chaincode of this.#processes.values()) await chaincode.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}
