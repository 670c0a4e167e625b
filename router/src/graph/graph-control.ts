import { createHash } from 'node:crypto';
import { validateSchema } from 'graphql';
import { type Logger } from 'pino';
import { type EngineSlot } from '../engine/engine-slot.js';
import { type RouterEngine } from '../engine/router-engine.js';
import { NoPreviousGraphError, SupergraphRefusedError } from '../errors.js';
import { type OperationService } from '../operations/operation-service.js';
import { type SubgraphClient, type SubgraphEndpoints } from '../subgraphs/subgraph-client.js';
import { type RouterMetrics } from '../telemetry/router-metrics.js';
import { probesOf } from './probe.js';

/** Supergraphs that can be gone back to. */
const mostKept = 5;

/** A supergraph with the addresses of its subgraphs. */
export interface Graph {
  /** SDL. */
  readonly supergraph: string;
  readonly subgraphs: SubgraphEndpoints;
}

/** A supergraph as operators see it. */
export interface GraphVersion {
  /** Counted from the start of the router, which serves the first. */
  readonly generation: number;
  /** SHA-256 of the SDL, in hex. */
  readonly sha256: string;
  /** When it began to serve. */
  readonly since: string;
}

/** What serves, what could be gone back to, and what was refused last. */
export interface GraphState {
  readonly current: GraphVersion;
  /** The newest first. */
  readonly previous: readonly GraphVersion[];
  /** Documents of the allow-list that cannot be executed on the current one. */
  readonly brokenDocuments: number;
  readonly refused?: { readonly sha256: string; readonly at: string; readonly message: string };
}

/** @see GraphControl */
export interface GraphControlOptions {
  readonly graph: Graph;
  readonly engine: EngineSlot;
  readonly connect: (subgraphs: SubgraphEndpoints) => SubgraphClient;
  readonly operations: OperationService;
  readonly metrics: RouterMetrics;
  readonly log: Logger;
}

interface Served extends GraphVersion, Graph {}

/** Changes the supergraph of a router that serves: one change at a time, each checked before anything is let go of. */
export class GraphControl {
  readonly #options: GraphControlOptions;
  #current: Served;
  #previous: Served[] = [];
  #refused: GraphState['refused'];
  #brokenDocuments = 0;
  #change: Promise<unknown> = Promise.resolve();

  constructor(options: GraphControlOptions) {
    this.#options = options;
    this.#current = served(options.graph, 1);
    options.metrics.graphGeneration.set(1);
  }

  get state(): GraphState {
    return {
      current: versionOf(this.#current),
      previous: this.#previous.map(versionOf),
      brokenDocuments: this.#brokenDocuments,
      ...(this.#refused && { refused: this.#refused }),
    };
  }

  /**
   * Serves another supergraph from now on; the same one changes nothing. Subgraphs keep the addresses they have, unless others
   * are given.
   * @throws {@link SupergraphRefusedError}; the present one serves on.
   */
  change(supergraph: string, subgraphs?: SubgraphEndpoints): Promise<GraphState> {
    return this.#next(async () => {
      const graph = { supergraph, subgraphs: subgraphs ?? this.#current.subgraphs };
      if (supergraph === this.#current.supergraph && subgraphs === undefined) return;
      const former = this.#current;
      await this.#swap(graph, 'swapped');
      this.#previous = [former, ...this.#previous].slice(0, mostKept);
    });
  }

  /**
   * Goes back to the supergraph that served before.
   * @throws {@link NoPreviousGraphError}, {@link SupergraphRefusedError}
   */
  rollback(): Promise<GraphState> {
    return this.#next(async () => {
      const [former, ...others] = this.#previous;
      if (!former) throw new NoPreviousGraphError();
      await this.#swap(former, 'rolled_back');
      this.#previous = others;
    });
  }

  #next(change: () => Promise<void>): Promise<GraphState> {
    const done = this.#change.then(change).then(() => this.state);
    this.#change = done.catch(() => undefined);
    return done;
  }

  async #swap(graph: Graph, outcome: 'swapped' | 'rolled_back'): Promise<void> {
    const { engine, connect, operations, metrics, log } = this.#options;
    const next = served(graph, this.#current.generation + 1);
    let brokenDocuments = 0;
    try {
      await engine.swap(graph.supergraph, connect(graph.subgraphs), async (made) => {
        await check(made);
        brokenDocuments = await operations.prepareFor(made);
      });
    } catch (error) {
      const refusal = asRefusal(error);
      this.#refused = { sha256: next.sha256, at: next.since, message: refusal.message };
      metrics.graphChanges.inc({ outcome: 'refused' });
      log.error({ err: refusal.cause, sha256: next.sha256, reason: refusal.message }, 'supergraph refused');
      throw refusal;
    }
    this.#current = next;
    this.#refused = undefined;
    this.#brokenDocuments = brokenDocuments;
    metrics.graphChanges.inc({ outcome });
    metrics.graphGeneration.set(next.generation);
    if (brokenDocuments > 0)
      log.warn({ brokenDocuments }, 'allow-listed documents do not fit the supergraph');
    log.info(versionOf(next), outcome === 'swapped' ? 'supergraph swapped' : 'supergraph rolled back');
    await operations.followGraph();
  }
}

/** Whether an engine can serve: its schema is a valid one, and queries into it can be planned. @throws what is wrong */
async function check(engine: RouterEngine): Promise<void> {
  const [problem] = validateSchema(engine.schema);
  if (problem) throw problem;
  for (const document of probesOf(engine.schema)) await engine.compile({ document });
}

function asRefusal(error: unknown): SupergraphRefusedError {
  const message = error instanceof Error ? error.message : String(error);
  return new SupergraphRefusedError(message.split('\n', 1)[0] ?? '', { cause: error });
}

function served({ supergraph, subgraphs }: Graph, generation: number): Served {
  const sha256 = createHash('sha256').update(supergraph).digest('hex');
  return { supergraph, subgraphs, generation, sha256, since: new Date().toISOString() };
}

function versionOf({ generation, sha256, since }: Served): GraphVersion {
  return { generation, sha256, since };
}
