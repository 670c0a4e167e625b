import {
  contractMetadata,
  type CoreGraph,
  DAppGraphs,
  WebhookPost,
  type DAppChange,
  type GraphManifest,
} from '@medigraph/dapp-graph';
import { type SubgraphServices } from '@medigraph/platform/graph';
import { organizationIdentity } from '@medigraph/platform/ledger';
import { Backoff } from '@medigraph/platform/time';
import { type RunningRouter } from '@medigraph/router';
import { chaincodeOf } from '@medigraph/schema/dapps';
import { type RunningDAppsSubgraph } from '@medigraph/subgraph-dapps';

export interface DAppsInGraphOptions {
  /** The graph without any DApp. */
  readonly core: CoreGraph;
  readonly router: RunningRouter;
  readonly registry: Pick<RunningDAppsSubgraph, 'operation' | 'installations' | 'dappChanges' | 'delivers'>;
  /** The documents are a database of its own. */
  readonly services: SubgraphServices;
  /** Whether back ends may be at addresses that are not on the public internet. */
  readonly privateAddresses: boolean;
}

/** The DApps in the graph of a running router. */
export interface DAppsInGraph {
  /** Reads anew what the contracts of a DApp that runs say of themselves, and has the graph follow. */
  refresh(dapp: string): Promise<void>;
  stop(): Promise<void>;
}

/** Milliseconds in which contracts that were just started must say what they are. */
const patienceMs = 60_000;
const pauses = { initial: 100, limit: 2_000 };

/** Keeps the DApps that run in the router's graph, from now on until it is stopped. */
export async function keepDAppsInGraph({
  core,
  router,
  registry,
  services,
  privateAddresses,
}: DAppsInGraphOptions): Promise<DAppsInGraph> {
  const { ledger, network, logger } = services;
  const log = logger.child({ part: 'dapps' });
  const graphs = await DAppGraphs.open({
    core,
    router: router.graph,
    services,
    installations: registry.installations,
    calls: registry.operation.usage,
    webhooks: {
      states: registry.operation.webhooks,
      post: new WebhookPost({ privateAddresses }),
      logger: log,
      delivers: (dapp) => registry.delivers(dapp),
    },
  });
  const stopping = new AbortController();
  const { signal } = stopping;

  /** Contracts of a version that begins to run, or of one whose steward starts after this does. */
  async function metadataOf(
    { id, channel }: { readonly id: string; readonly channel: string },
    overtaken: AbortSignal,
  ) {
    const ending = AbortSignal.any([signal, overtaken]);
    const [reader = ''] = network.channels[channel]?.organizations ?? [];
    const place = { channel, chaincode: chaincodeOf(id) };
    const deadline = performance.now() + patienceMs;
    const backoff = new Backoff(pauses);
    for (;;) {
      try {
        return await contractMetadata(ledger, place, organizationIdentity(network, reader));
      } catch (error) {
        if (ending.aborted || performance.now() > deadline) throw error;
        await backoff.pause(ending);
      }
    }
  }

  const manifests = new Map<string, GraphManifest>();
  async function* noted(changes: AsyncIterable<DAppChange>): AsyncGenerator<DAppChange> {
    for await (const change of changes) {
      if (change.change === 'activated') manifests.set(change.manifest.id, change.manifest);
      else manifests.delete(change.dapp);
      yield change;
    }
  }

  const following = graphs.follow(noted(registry.dappChanges(signal)), {
    metadataOf,
    onRefused: (change, err) => {
      if (!signal.aborted) log.error({ err, change: change.change }, 'the graph did not take a DApp');
    },
  });
  return {
    async refresh(dapp) {
      const manifest = manifests.get(dapp);
      if (manifest) await graphs.activate({ manifest, metadata: await metadataOf(manifest, signal) });
    },
    async stop() {
      stopping.abort();
      await following;
      await graphs.close();
    },
  };
}
