import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Contract } from '@hyperledger/fabric-gateway';
import { type Ledger, readLedgerNetwork, startLedger } from '@medigraph/embedded-ledger';
import { embeddedEndpoints, prepareEmbedded } from '@medigraph/network';
import {
  type AdminIdentity,
  ChannelLifecycle,
  packageService,
  PeerAdmin,
  PeerConnection,
} from '@medigraph/network/admin';
import { SandboxHost } from '../host/sandbox-host.js';
import { freeAddress } from './free-address.js';
import { type SandboxLimits } from '../limits.js';

export { freeAddress };

const mspId = 'AlphaMSP';
const domain = 'alpha.example';
const channel = 'main';

const description = {
  organizations: [{ mspId, domain, peers: ['peer0'] }],
  orderer: { mspId: 'OrdererMSP', domain: 'orderer.example', nodes: ['orderer0'] },
  channels: [{ name: channel, organizations: [mspId], suites: [] }],
  batch: { timeoutMs: 10, maxTransactions: 500, absoluteMaxBytes: 1_048_576, preferredMaxBytes: 524_288 },
};

/** File of a sample bundle. */
export const sampleFile = (name: string): string =>
  fileURLToPath(new URL(`../../src/testing/${name}.cjs`, import.meta.url));

/** The source of a sample bundle. */
export const sampleBundle = (name: string): Promise<string> => readFile(sampleFile(name), 'utf8');

/** A network of one organisation, whose chaincodes run in a sandbox. */
export class SandboxNetwork {
  readonly host: SandboxHost;
  readonly #folder: string;
  readonly #ledger: Ledger;
  readonly #connection: PeerConnection;

  private constructor(folder: string, ledger: Ledger, connection: PeerConnection, host: SandboxHost) {
    this.#folder = folder;
    this.#ledger = ledger;
    this.#connection = connection;
    this.host = host;
  }

  static async start(limits: Partial<SandboxLimits> = {}): Promise<SandboxNetwork> {
    const folder = await mkdtemp(path.join(tmpdir(), 'medigraph-sandbox-'));
    const { ledgerFile, material } = await prepareEmbedded(description, path.join(folder, 'network'));
    const ledger = await startLedger({
      network: await readLedgerNetwork(ledgerFile),
      dataFolder: path.join(folder, 'data'),
    });
    const [endpoint] = (await embeddedEndpoints(description, material, ledger.nodes))[mspId] ?? [];
    if (endpoint === undefined) throw new Error(`${mspId} has no peer`);
    const connection = PeerConnection.open(endpoint, await administrator(material));
    return new SandboxNetwork(folder, ledger, connection, new SandboxHost(limits));
  }

  /** Brings a bundle up as the chaincode of a DApp. @throws GuestStartError */
  async deploy(dapp: string, bundle: string, contracts: readonly string[]): Promise<Contract> {
    const address = await freeAddress();
    const { id, content } = await packageService(`dapp-${dapp}_1.0.0`, address);
    await this.host.start({ dapp, version: '1.0.0', bundle, contracts, chaincodeId: id, address });
    return this.runChaincode(`dapp-${dapp}`, id, content);
  }

  /** Agrees on a chaincode that is served already. */
  async runChaincode(name: string, packageId: string, content: Uint8Array): Promise<Contract> {
    await new PeerAdmin(this.#connection).install(content);
    const lifecycle = new ChannelLifecycle(this.#connection, channel);
    const definition = { name, version: '1.0.0', sequence: 1, endorsementPolicy: `OR('${mspId}.peer')` };
    await lifecycle.approve(definition, packageId);
    await lifecycle.commit(definition);
    return this.#connection.gateway.getNetwork(channel).getContract(name);
  }

  /** A DApp that was deployed. */
  contract(dapp: string): Contract {
    return this.#connection.gateway.getNetwork(channel).getContract(`dapp-${dapp}`);
  }

  async close(): Promise<void> {
    this.#connection.close();
    await this.host.close();
    await this.#ledger.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function administrator(material: string): Promise<AdminIdentity> {
  const msp = path.join(material, 'peerOrganizations', domain, 'users', `Admin@${domain}`, 'msp');
  const only = async (folder: string) => {
    const [file = ''] = await readdir(path.join(msp, folder));
    return readFile(path.join(msp, folder, file), 'utf8');
  };
  return { mspId, certificate: await only('signcerts'), privateKey: await only('keystore') };
}
