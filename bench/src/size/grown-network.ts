import { readdir, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type LedgerNetwork, readLedgerNetwork } from '@medigraph/embedded-ledger';
import { growLedger } from '@medigraph/embedded-ledger/testing';
import { DataFolder, embeddedParts, LogFiles, startEmbedded, Supervisor } from '@medigraph/launcher';
import { ledgerFileIn } from '@medigraph/network';
import { type ConnectionProfile, loadConnectionProfile } from '@medigraph/platform/ledger';
import { type BenchOptions } from '../bench.js';
import { insurerMspId } from '../ledger/policies.js';

/** The channel that grows, and whose peers its policy asks for. */
const channel = 'claims-insurer-a';
const chaincode = 'claims';
const endorsers = [insurerMspId, 'HospitalAMSP'];

/** A network that runs. */
export interface ServedNetwork {
  readonly profile: ConnectionProfile;
  /** Process of the ledger. */
  readonly ledgerPid: number;
  /** From the ledger's start until it served. */
  readonly ledgerStartMs: number;
}

/** The embedded network on one folder, served at times, and grown in between. */
export class GrownNetwork {
  readonly #data: DataFolder;
  readonly #say: BenchOptions['say'];
  /** Transactions that it was grown by. */
  size = 0;

  constructor(folder: string, say: BenchOptions['say']) {
    this.#data = new DataFolder(folder);
    this.#say = say;
  }

  get dataFolder(): string {
    return this.#data.ledger;
  }

  network(): Promise<LedgerNetwork> {
    return readLedgerNetwork(ledgerFileIn(this.#data.network));
  }

  /** Starts ledger and contract suites, does the work, and stops them. */
  async whileServed<T>(work: (network: ServedNetwork) => Promise<T>): Promise<T> {
    await mkdir(this.#data.path, { recursive: true });
    const logs = await LogFiles.open(this.#data.logs, embeddedParts);
    const supervisor = new Supervisor(this.#say);
    let ledgerStartMs = Number.NaN;
    try {
      const { connectionProfile } = await startEmbedded(
        {
          start: async (options, restart) => {
            const begin = performance.now();
            const ready = await supervisor.start(options, restart);
            if (options.name === 'ledger') ledgerStartMs = performance.now() - begin;
            return ready;
          },
        },
        this.#data,
        logs,
        // Nothing here keeps documents.
        { mongodbUri: 'mongodb://127.0.0.1' },
      );
      const ledgerPid = supervisor.parts.find(({ name }) => name === 'ledger')?.pid;
      if (ledgerPid === undefined) throw new Error('The ledger does not run.');
      const profile = await loadConnectionProfile(connectionProfile);
      return await work({ profile, ledgerPid, ledgerStartMs });
    } finally {
      await supervisor.stop();
      await logs.close();
    }
  }

  /** Brings the ledger to so many transactions, past its servers. */
  async growTo(size: number): Promise<void> {
    const network = await this.network();
    const organization = network.organizations[insurerMspId];
    const users = path.join(organization?.msp ?? '', '..', 'users');
    const [user = ''] = (await readdir(users)).filter((name) => name.startsWith('User'));
    const transactions = size - this.size;
    let tenth = 0;
    const begin = performance.now();
    await growLedger({
      network,
      dataFolder: this.#data.ledger,
      channel,
      chaincode,
      creator: { mspId: insurerMspId, msp: path.join(users, user, 'msp') },
      endorsers,
      transactions,
      onBlock: (made) => {
        const now = Math.floor((10 * made) / transactions);
        if (now > tenth) this.#say(`growing to ${size} transactions: ${now}0 %`);
        tenth = now;
      },
    });
    this.size = size;
    this.#say(`grown to ${size} in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  }
}
