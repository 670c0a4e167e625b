/** The embedded network with the care suite, as processes of its own that a test may kill. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  chaincodeId,
  connectionProfileOf,
  deployEmbedded,
  embeddedEndpoints,
  type NetworkDescription,
  prepareEmbedded,
  readNetworkDescription,
} from '@medigraph/network';
import { z } from 'zod';
import { connectionProfile, type ConnectionProfile } from '../ledger/index.js';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const suiteReady = z.object({ address: z.string() });
const ledgerReady = z.object({ nodes: z.record(z.string(), z.string()) });

class Part {
  #child: ChildProcess | undefined;

  async start<Ready>(server: string, env: Record<string, string>, ready: z.ZodType<Ready>): Promise<Ready> {
    const child = fork(path.join(repository, server), [], {
      env: { ...process.env, ...env },
      execArgv: ['--no-warnings'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    let said = '';
    child.stderr?.on('data', (text: Buffer) => (said = `${said}${text.toString()}`.slice(-4_000)));
    return new Promise((resolve, reject) => {
      child.once('message', (message) => resolve(ready.parse(message)));
      child.once('exit', (code) => reject(new Error(`${server} ended with ${code ?? 'a signal'}: ${said}`)));
    });
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
}

export class EmbeddedNetwork {
  readonly #folder: string;
  readonly #description: NetworkDescription;
  readonly #care = new Part();
  readonly #ledger = new Part();
  #careAddress = '';
  #addresses: z.infer<typeof ledgerReady> | undefined;
  profile: ConnectionProfile = { organizations: {}, channels: {} };

  private constructor(folder: string, description: NetworkDescription) {
    this.#folder = folder;
    this.#description = description;
  }

  /** @param changes - what is other than in the description that Medigraph ships. */
  static async start(folder: string, changes: Partial<NetworkDescription> = {}): Promise<EmbeddedNetwork> {
    const network = new EmbeddedNetwork(folder, { ...(await readNetworkDescription()), ...changes });
    const { address } = await network.#care.start(
      'chaincode/care/dist/server.js',
      { CHAINCODE_SERVER_ADDRESS: '127.0.0.1:0', CHAINCODE_ID: await chaincodeId('care') },
      suiteReady,
    );
    network.#careAddress = address;
    const description = network.#description;
    const prepared = await prepareEmbedded(description, path.join(folder, 'network'));
    const addresses = await network.#startLedger(prepared.ledgerFile);
    // Written into its description, the ledger comes back at the same addresses.
    await prepareEmbedded(description, path.join(folder, 'network'), addresses);
    const endpoints = await embeddedEndpoints(description, prepared.material, addresses.nodes);
    await deployEmbedded(description, prepared.material, endpoints);
    network.profile = connectionProfile.parse(
      await connectionProfileOf(description, prepared.material, endpoints),
    );
    return network;
  }

  /** Kills the ledger as a power cut would. */
  async killLedger(): Promise<void> {
    await this.#ledger.end('SIGKILL');
  }

  async restartLedger(): Promise<void> {
    const { ledgerFile } = await prepareEmbedded(
      this.#description,
      path.join(this.#folder, 'network'),
      this.#addresses,
    );
    await this.#startLedger(ledgerFile);
  }

  async stop(): Promise<void> {
    await this.#ledger.end('SIGTERM');
    await this.#care.end('SIGTERM');
  }

  async #startLedger(ledgerFile: string): Promise<z.infer<typeof ledgerReady>> {
    this.#addresses = await this.#ledger.start(
      'embedded/ledger/dist/server.js',
      {
        MEDIGRAPH_LEDGER_NETWORK: ledgerFile,
        MEDIGRAPH_LEDGER_DATA: path.join(this.#folder, 'ledger'),
        MEDIGRAPH_LEDGER_CHAINCODES: `care=${this.#careAddress},claims=127.0.0.1:9,registry=127.0.0.1:9`,
      },
      ledgerReady,
    );
    return this.#addresses;
  }
}
