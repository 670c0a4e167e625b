import {
  type GraphContext,
  hostInProcess,
  type InProcessGraph,
  readModelsOf,
  type Relations,
  type SubgraphServices,
} from '@medigraph/platform/graph';
import { createProjector, persevere, type Projector } from '@medigraph/platform/projection';
import { type CallRecorder } from '@medigraph/platform/operation';
import { callerOf } from '@medigraph/platform/graph';
import { dappOfChaincode } from '@medigraph/schema/dapps';
import { DAppContext } from './dapp-context.js';
import { type ExecutableGraph } from './executable-graph.js';
import { type GraphModel } from './graph-model.js';
import { type Installations } from './installations.js';
import { deliverWebhook, type WebhookMeans } from './webhooks/webhook-delivery.js';

/** @see DAppGraphHost */
export interface DAppGraphHostOptions {
  /** The documents are a database of its own. */
  readonly services: SubgraphServices;
  readonly installations: Installations;
  /** Told of every call of a contract. */
  readonly calls?: CallRecorder;
  /** With what events are delivered to back ends; absent where none are. */
  readonly webhooks?: DAppWebhooks;
}

/** Deliveries to back ends. */
export interface DAppWebhooks extends WebhookMeans {
  /** Whether this platform is the one that delivers for a DApp. */
  delivers(dapp: string): Promise<boolean>;
}

/** The graph of a DApp that answers. */
export interface ServedGraph {
  readonly place: { readonly url: string; readonly inProcess: InProcessGraph };
  /** Ends what is open. */
  stop(): Promise<void>;
}

/** Bytes of a request: a DApp's arguments. */
const bodyLimit = 2_000_000;
const name = 'dapp_graphs';

/** Serves graphs of DApps in this process. All of them read one stream of events. */
export class DAppGraphHost {
  readonly #options: DAppGraphHostOptions;
  readonly #projector: Projector;
  readonly #relations: Relations;

  private constructor(options: DAppGraphHostOptions, projector: Projector, relations: Relations) {
    this.#options = options;
    this.#projector = projector;
    this.#relations = relations;
  }

  /** Starts to read events. */
  static async open(options: DAppGraphHostOptions): Promise<DAppGraphHost> {
    const { ledger, documents, network, logger, metrics } = options.services;
    const { relations, projections } = readModelsOf({ name, projections: [] }, options.services);
    const projector = createProjector({
      name,
      ledger,
      connection: documents.connection,
      projections,
      strangers: { channels: Object.keys(network.channels), isStranger },
      logger,
      metrics,
    });
    await projector.start();
    return new DAppGraphHost(options, projector, relations);
  }

  async serve({ model, schema }: ExecutableGraph): Promise<ServedGraph> {
    const { services, installations, calls } = this.#options;
    const kept = { projector: this.#projector, relations: this.#relations };
    const parts = { services, installations, model, ...kept, ...(calls && { calls }) };
    const hosted = await hostInProcess<GraphContext<DAppContext>>({
      schema,
      createContext: (caller) => ({ request: new DAppContext({ ...parts, caller }) }),
      authenticate: (authorization) => callerOf(authorization, services.tokens),
      startOf: ({ request }) => request.streamStart,
      bodyLimit,
      logger: services.logger.child({ dapp: model.dapp }),
    });
    const stopDelivering = this.#deliver(model);
    return {
      // Called in the process; nothing listens at the address.
      place: { url: `http://dapp-${model.dapp}.subgraph.invalid/graphql`, inProcess: hosted.graph },
      async stop() {
        await stopDelivering();
        await hosted.endStreams();
        await hosted.stop();
      },
    };
  }

  /** @returns how to stop it. */
  #deliver(model: GraphModel): () => Promise<void> {
    const { webhooks } = this.#options;
    if (webhooks === undefined || model.webhooks.length === 0) return () => Promise.resolve();
    const stopping = new AbortController();
    const { signal } = stopping;
    const log = (error: unknown): void =>
      webhooks.logger.error({ err: error, dapp: model.dapp }, 'web hooks are not served');
    const delivering = persevere(() => webhooks.delivers(model.dapp), signal, log).then(async (here) => {
      if (here?.value !== true) return;
      const projector = this.#projector;
      await Promise.all(
        model.webhooks.map(({ event: field, url }) =>
          deliverWebhook({ ...webhooks, model, field, url, projector }, signal),
        ),
      );
    });
    return async () => {
      stopping.abort();
      await delivering;
    };
  }

  async close(): Promise<void> {
    await this.#projector.stop();
  }
}

const isStranger = (chaincode: string): boolean => dappOfChaincode(chaincode) !== undefined;
