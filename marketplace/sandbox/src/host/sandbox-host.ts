import { defaultLimits, type SandboxLimits } from '../limits.js';
import { GuestStartError } from '../report.js';
import { ChaincodeListener, type ListenerTls } from './chaincode-listener.js';
import { type ContractMetadata } from './guest-process.js';
import { detectIsolation, type Isolation } from './isolation.js';
import { type GuestMetrics, Journal, type JournalEntry } from './journal.js';
import { SandboxedChaincode } from './sandboxed-chaincode.js';

/** One version of a DApp to run. */
export interface SandboxedDApp {
  readonly dapp: string;
  readonly version: string;
  /** CommonJS, exporting `contracts`. */
  readonly bundle: string;
  /** Names of the contracts that the bundle must have: all of them, and no others. */
  readonly contracts: readonly string[];
  /** What it registers with peers as. */
  readonly chaincodeId: string;
  /** Where peers connect; port 0 takes a free one. */
  readonly address: string;
}

/** Told of what the author of a DApp may read, as it happens. */
export type SandboxListener = (dapp: string, entry: JournalEntry) => void;

/** What runs, and how far it is kept apart. */
export interface SandboxStatus {
  readonly isolation: Isolation;
  readonly guests: readonly {
    readonly dapp: string;
    readonly version: string;
    readonly address: string;
    readonly chaincodeId: string;
    /** Undefined while it is stopped and rests. */
    readonly process:
      { readonly pid: number; readonly residentBytes: number; readonly cpuMs: number } | undefined;
  }[];
}

interface Running {
  readonly dapp: SandboxedDApp;
  readonly chaincode: SandboxedChaincode;
  readonly listener: ChaincodeListener;
  readonly address: string;
}

/** Every Fabric contract suite has it. */
const systemContract = 'org.hyperledger.fabric';

/**
 * Runs DApps' contracts as chaincode services, each version in a process of its own that can do nothing else.
 *
 * @example
 * const host = new SandboxHost();
 * const { address } = await host.start({ dapp: 'appointments', version: '1.0.0', bundle, contracts: ['Appointments'], chaincodeId, address: '127.0.0.1:0' });
 */
export class SandboxHost {
  readonly #limits: SandboxLimits;
  readonly #tls: ListenerTls | undefined;
  readonly #running = new Map<string, Running>();
  readonly #journals = new Map<string, Journal>();
  readonly #onEntry: SandboxListener;

  constructor(
    limits: Partial<SandboxLimits> = {},
    tls?: ListenerTls,
    onEntry: SandboxListener = () => undefined,
  ) {
    this.#limits = { ...defaultLimits, ...limits };
    this.#tls = tls;
    this.#onEntry = onEntry;
  }

  /**
   * Loads the contracts, compares them with what the manifest says, and serves them.
   * @throws {@link GuestStartError} with the report that the author gets, too
   */
  async start(dapp: SandboxedDApp): Promise<{ address: string; metadata: ContractMetadata }> {
    const present = this.#running.get(dapp.chaincodeId);
    if (present?.chaincode.metadata !== undefined)
      return { address: present.address, metadata: present.chaincode.metadata };
    const journal = this.#journal(dapp.dapp);
    const chaincode = this.#chaincode(dapp);
    try {
      const metadata = await chaincode.start();
      demandContracts(metadata, dapp.contracts);
      const { listener, address } = await ChaincodeListener.listen(
        dapp.address,
        dapp.chaincodeId,
        chaincode,
        this.#tls,
      );
      this.#running.set(dapp.chaincodeId, { dapp, chaincode, listener, address });
      return { address, metadata };
    } catch (error) {
      if (error instanceof GuestStartError) journal.report(dapp.version, error.report);
      await chaincode.stop();
      throw error;
    }
  }

  /**
   * Has another bundle answer in the place of the one that runs, for peers the same chaincode. The one that runs goes on
   * where the other cannot be loaded; transactions that are under way when they change are refused.
   * @param accept - throws for metadata that must not be served
   * @throws {@link GuestStartError}; what `accept` throws
   */
  async replace(
    chaincodeId: string,
    bundle: string,
    accept: (metadata: ContractMetadata) => void,
  ): Promise<ContractMetadata> {
    const running = this.#running.get(chaincodeId);
    if (running === undefined)
      throw new GuestStartError({ code: 'LOAD_FAILED', message: `${chaincodeId} does not run here` });
    const { dapp, listener, address } = running;
    const next = this.#chaincode({ ...dapp, bundle });
    try {
      const metadata = await next.start();
      demandContracts(metadata, dapp.contracts);
      accept(metadata);
      this.#running.set(chaincodeId, { dapp, chaincode: next, listener, address });
      listener.redirect(next);
      await running.chaincode.stop();
      return metadata;
    } catch (error) {
      await next.stop();
      throw error;
    }
  }

  /** Stops one version; nobody answers for it any more. */
  async stop(chaincodeId: string): Promise<void> {
    const running = this.#running.get(chaincodeId);
    if (running === undefined) return;
    this.#running.delete(chaincodeId);
    await running.chaincode.stop();
    running.listener.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((id) => this.stop(id)));
  }

  async status(): Promise<SandboxStatus> {
    return {
      isolation: await detectIsolation(),
      guests: [...this.#running.values()].map(({ dapp, chaincode, address }) => ({
        dapp: dapp.dapp,
        version: dapp.version,
        address,
        chaincodeId: dapp.chaincodeId,
        process: chaincode.process,
      })),
    };
  }

  /** For the author of a DApp, oldest first. */
  logs(dapp: string): readonly JournalEntry[] {
    return this.#journals.get(dapp)?.entries ?? [];
  }

  /** For the author of a DApp; undefined if it has not run here. */
  metrics(dapp: string): GuestMetrics | undefined {
    return this.#journals.get(dapp)?.metrics;
  }

  #chaincode({ dapp: name, version, bundle }: SandboxedDApp): SandboxedChaincode {
    const program = { name, version, bundle, file: `${name}-${version}.cjs` };
    return new SandboxedChaincode(program, this.#limits, this.#journal(name));
  }

  #journal(dapp: string): Journal {
    const journal = this.#journals.get(dapp) ?? new Journal((entry) => this.#onEntry(dapp, entry));
    this.#journals.set(dapp, journal);
    return journal;
  }
}

function demandContracts({ contracts }: ContractMetadata, named: readonly string[]): void {
  const found = Object.keys(contracts).filter((name) => name !== systemContract);
  const same = found.length === named.length && named.every((name) => found.includes(name));
  if (same) return;
  const message = `the manifest names ${named.join(', ')}; the bundle has ${found.join(', ') || 'none'}`;
  throw new GuestStartError({ code: 'CONTRACTS_DIFFER', message });
}
