import { type ExecutableGraph } from '@medigraph/dapp-graph';
import { type LedgerIdentity } from '@medigraph/platform/ledger';
import { type Logger } from '@medigraph/platform/telemetry';
import { type RegistryClient } from './registry-client.js';
import { type ContractMeans, describedContracts, graphOf } from './release-checks.js';

/** @see LiveGraphs */
export interface LiveGraphsOptions extends ContractMeans {
  readonly registry: RegistryClient;
  readonly log: Logger;
}

/**
 * The graphs of the DApps that run, whoever runs them: what a new version is held against. Those that this organisation does not run
 * are read from their packages.
 */
export class LiveGraphs {
  readonly #options: LiveGraphsOptions;
  /** By DApp: the version that was read last, and its graph. */
  readonly #read = new Map<string, readonly [version: string, graph: ExecutableGraph]>();

  constructor(options: LiveGraphsOptions) {
    this.#options = options;
  }

  /** @param running - graphs that are known already, by `DAPP@VERSION`. */
  async of(
    dapps: Iterable<string>,
    signer: LedgerIdentity,
    running: ReadonlyMap<string, ExecutableGraph>,
  ): Promise<ReadonlyMap<string, ExecutableGraph>> {
    const live = new Map<string, ExecutableGraph>();
    for (const dapp of dapps) {
      const state = await this.#options.registry.readDApp(signer, dapp);
      if (state?.active === undefined || state.status === 'revoked') continue;
      const graph =
        running.get(`${dapp}@${state.active}`) ?? (await this.#readGraph(dapp, state.active, signer));
      if (graph) live.set(dapp, graph);
    }
    return live;
  }

  /** One that cannot be read holds up no review of others. */
  async #readGraph(
    dapp: string,
    version: string,
    signer: LedgerIdentity,
  ): Promise<ExecutableGraph | undefined> {
    const [known, graph] = this.#read.get(dapp) ?? [];
    if (known === version) return graph;
    const { registry, log } = this.#options;
    try {
      const release = await registry.readRelease(signer, dapp, version);
      if (release === undefined) return undefined;
      const described = graphOf(release, await describedContracts(release, this.#options));
      this.#read.set(dapp, [version, described]);
      return described;
    } catch (error) {
      log.warn({ err: error, dapp, version }, 'the graph of a DApp that runs elsewhere cannot be read');
      return undefined;
    }
  }
}
