import { DAppGraphHost, type DAppGraphHostOptions, type ServedGraph } from './dapp-graph-host.js';
import { compose } from '@medigraph/schema/composition';
import { type InProcessGraph } from '@medigraph/platform/graph';
import { DAppGraphRefused } from './errors.js';
import { executableGraph, type ExecutableGraph } from './executable-graph.js';
import { type GraphManifest, graphModel } from './graph-model.js';
import { type ChaincodeMetadata } from './metadata.js';

/** Where a subgraph answers, as the router wants to know it. */
export interface SubgraphPlace {
  readonly url: string;
  readonly wsUrl?: string;
  readonly inProcess?: InProcessGraph;
}

/** The graph without any DApp. */
export interface CoreGraph {
  /** Subgraph name to SDL. */
  readonly subgraphs: ReadonlyMap<string, string>;
  readonly endpoints: Readonly<Record<string, SubgraphPlace>>;
}

/** What serves the graph. */
export interface ServingRouter {
  /** Serves another supergraph from now on. Rejects, and serves on as before, where it cannot. */
  change(supergraph: string, subgraphs: Readonly<Record<string, SubgraphPlace>>): Promise<unknown>;
}

/** @see DAppGraphs */
export interface DAppGraphsOptions extends DAppGraphHostOptions {
  readonly core: CoreGraph;
  readonly router: ServingRouter;
}

/** A version of a DApp that is to be in the graph. */
export interface DAppRelease {
  readonly manifest: GraphManifest;
  readonly metadata: ChaincodeMetadata;
}

/** What becomes of DApps, in the order of the ledger. */
export type DAppChange =
  | { readonly change: 'activated'; readonly manifest: GraphManifest }
  | { readonly change: 'withdrawn'; readonly dapp: string };

/** @see DAppGraphs.follow */
export interface FollowOptions {
  /** What the chaincode of a version says of its contracts; nobody waits for it any more once the signal aborts. */
  readonly metadataOf: (manifest: GraphManifest, overtaken: AbortSignal) => Promise<ChaincodeMetadata>;
  /** Told of a change that the graph did not take; those after it are followed all the same. */
  readonly onRefused: (change: DAppChange, error: unknown) => void;
}

interface Active extends ServedGraph {
  readonly executable: ExecutableGraph;
}

/** Name of a DApp's subgraph: no subgraph of the core has a hyphen in its name. */
export const subgraphOf = (dapp: string): string => `dapp-${dapp}`;

/**
 * The DApps in the graph of a running router: put in, replaced and taken out one change at a time. A change that the graph cannot take
 * is refused as a whole, and everybody else is served on.
 */
export class DAppGraphs {
  readonly #core: CoreGraph;
  readonly #router: ServingRouter;
  readonly #host: DAppGraphHost;
  #active: ReadonlyMap<string, Active> = new Map();
  #change: Promise<unknown> = Promise.resolve();

  private constructor(options: DAppGraphsOptions, host: DAppGraphHost) {
    this.#core = options.core;
    this.#router = options.router;
    this.#host = host;
  }

  /** Begins to read the events of DApps; none is in the graph yet. */
  static async open(options: DAppGraphsOptions): Promise<DAppGraphs> {
    return new DAppGraphs(options, await DAppGraphHost.open(options));
  }

  /** Versions in the graph, by DApp. */
  get active(): ReadonlyMap<string, string> {
    return new Map([...this.#active].map(([dapp, { executable }]) => [dapp, executable.model.version]));
  }

  /**
   * Puts DApps into the graph, each in the place of another version of itself that may be there. All or none.
   * @throws `DAPP_METADATA_INVALID`, `DAPP_GRAPH_INVALID`, `DAPP_NAME_COLLISION`, `DAPP_CONTRACTS_MISMATCH`, `DAPP_GRAPH_REFUSED`
   */
  activate(...releases: readonly DAppRelease[]): Promise<void> {
    return this.#next(async () => {
      const graphs = releases.map(({ manifest, metadata }) =>
        executableGraph(graphModel(manifest, metadata)),
      );
      const added = new Map<string, Active>();
      try {
        for (const executable of graphs)
          added.set(executable.model.dapp, { ...(await this.#host.serve(executable)), executable });
        await this.#serve(new Map([...this.#active, ...added]), [...added.keys()]);
      } catch (error) {
        await stopAll(added.values());
        throw error;
      }
    });
  }

  /** Takes DApps out of the graph; those that are not in it are left out of account. @throws `DAPP_GRAPH_REFUSED` */
  withdraw(...dapps: readonly string[]): Promise<void> {
    return this.#next(async () => {
      const gone = new Set(dapps.filter((dapp) => this.#active.has(dapp)));
      if (gone.size === 0) return;
      await this.#serve(new Map([...this.#active].filter(([dapp]) => !gone.has(dapp))), [...gone]);
    });
  }

  /**
   * Follows what becomes of DApps until it ends. What becomes of one DApp is done in its order, and waits for no other: contracts that
   * take long to say what they are hold up their own DApp alone, and only until something else becomes of it.
   */
  async follow(changes: AsyncIterable<DAppChange>, { metadataOf, onRefused }: FollowOptions): Promise<void> {
    const underWay = new Map<string, { readonly done: Promise<void>; readonly overtaken: AbortController }>();
    for await (const change of changes) {
      const dapp = change.change === 'withdrawn' ? change.dapp : change.manifest.id;
      const before = underWay.get(dapp);
      before?.overtaken.abort();
      const overtaken = new AbortController();
      const apply = async (): Promise<void> => {
        try {
          await before?.done;
          if (change.change === 'withdrawn') await this.withdraw(change.dapp);
          else {
            const { manifest } = change;
            const metadata = await metadataOf(manifest, overtaken.signal).catch((error: unknown) => {
              if (!overtaken.signal.aborted) throw error;
            });
            if (metadata) await this.activate({ manifest, metadata });
          }
        } catch (error) {
          onRefused(change, error);
        }
      };
      const done = apply();
      underWay.set(dapp, { done, overtaken });
    }
    await Promise.all([...underWay.values()].map(({ done }) => done));
  }

  /** The SDL of the supergraph with these subgraphs in the place of what a DApp has now; what the review composes. */
  composed(...added: readonly ExecutableGraph[]): string {
    const subgraphs = new Map(this.#core.subgraphs);
    for (const { executable } of this.#active.values())
      subgraphs.set(subgraphOf(executable.model.dapp), executable.sdl);
    for (const { model, sdl } of added) subgraphs.set(subgraphOf(model.dapp), sdl);
    return compose(subgraphs);
  }

  /** Stops serving DApps; the router is left as it is. */
  async close(): Promise<void> {
    await this.#change;
    await stopAll(this.#active.values());
    this.#active = new Map();
    await this.#host.close();
  }

  /** Has the router serve these, and lets go of those that it no longer asks. */
  async #serve(next: ReadonlyMap<string, Active>, changed: readonly string[]): Promise<void> {
    const subgraphs = new Map(this.#core.subgraphs);
    const endpoints: Record<string, SubgraphPlace> = { ...this.#core.endpoints };
    for (const [dapp, { executable, place }] of [...next].sort(([a], [b]) => (a < b ? -1 : 1))) {
      subgraphs.set(subgraphOf(dapp), executable.sdl);
      endpoints[subgraphOf(dapp)] = place;
    }
    try {
      await this.#router.change(compose(subgraphs), endpoints);
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      throw new DAppGraphRefused(changed.join(', '), what, { cause: error });
    }
    const former = this.#active;
    this.#active = next;
    await stopAll([...former].filter(([dapp, each]) => next.get(dapp) !== each).map(([, each]) => each));
  }

  #next(change: () => Promise<void>): Promise<void> {
    const done = this.#change.then(change);
    this.#change = done.catch(() => undefined);
    return done;
  }
}

async function stopAll(graphs: Iterable<ServedGraph>): Promise<void> {
  await Promise.all([...graphs].map((graph) => graph.stop()));
}
