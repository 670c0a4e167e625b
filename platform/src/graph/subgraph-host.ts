import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type NonEmptyArray } from 'type-graphql';
import { type KeyObject } from 'node:crypto';
import { type Caller } from '../identity/index.js';
import { createProjector, type Projection, type Projector } from '../projection/index.js';
import { callerOf } from './bearer-token.js';
import { CallerCheck, type CallerProof } from './caller-check.js';
import { buildFederatedSchema, type ReferenceResolvers, type ResolverClass } from './federation.js';
import { hostInProcess } from './host-in-process.js';
import { HttpEndpoint, type HttpPages } from './http-endpoint.js';
import { type InProcessGraph } from './in-process-graph.js';
import { serveLive } from './live-endpoint.js';
import { Relations } from './relations.js';
import { type GraphContext, type RequestContext, type RequestParts } from './request-context.js';
import { type ReadModelServices, type SubgraphServices } from './services.js';

/** A subgraph, before it is served: its graph, its read models, and what a request of it knows. */
export interface Subgraph<Context extends RequestContext> {
  readonly name: string;
  readonly resolvers: NonEmptyArray<ResolverClass>;
  readonly references: ReferenceResolvers<Context>;
  /** Its own read models; {@link Relations} come with the host. */
  readonly projections: readonly Projection[];
  createContext(parts: RequestParts): Context;
  /** What it serves beside its graph. */
  pages?(services: SubgraphServices): HttpPages<Context>;
  /** What it does in the background from its start to its end; answers how to stop it. */
  work?(services: SubgraphServices, relations: Relations): () => Promise<void>;
}

/** Where to listen and how much to take. */
export interface SubgraphOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default loopback. */
  readonly host?: string;
  /** Public keys of the routers before it, by their ids; see `assertionKeys`. */
  readonly routerKeys?: ReadonlyMap<string, KeyObject>;
  /** What it goes by to know who calls; the forwarded token by default. */
  readonly proof?: CallerProof;
  /** Most bytes of a request, by HTTP or WebSocket. Default 20 MB: a batch of resources. */
  readonly bodyLimit?: number;
}

/** A subgraph that serves. */
export interface RunningSubgraph {
  readonly name: string;
  /** `http://host:port/graphql` */
  readonly url: string;
  /** `ws://host:port/graphql` */
  readonly wsUrl: string;
  /** The same graph, for callers in this process. */
  readonly inProcess: InProcessGraph;
  readonly projector: Projector;
  /** Lets running requests end, ends subscriptions with 1001, then stops the read models. */
  close(): Promise<void>;
}

const defaultBodyLimit = 20_000_000;

/** A caller that keeps its connections shorter, as the router does, never sends on one that is being closed. */
const keepAliveMs = 65_000;

/** Everything that a subgraph keeps of the ledger: its own read models, and the relations that every one has. */
export function readModelsOf(
  { name, projections }: Pick<Subgraph<never>, 'name' | 'projections'>,
  { documents, network }: ReadModelServices,
): { readonly relations: Relations; readonly projections: readonly Projection[] } {
  const relations = new Relations(documents.connection, network, name);
  return { relations, projections: [relations, relations.holdings, ...projections] };
}

/** Starts the read models of a subgraph and serves its graph over HTTP and `graphql-ws`. */
export async function startSubgraph<Context extends RequestContext>(
  subgraph: Subgraph<Context>,
  services: SubgraphServices,
  { port = 0, host = '127.0.0.1', bodyLimit = defaultBodyLimit, routerKeys, proof }: SubgraphOptions = {},
): Promise<RunningSubgraph> {
  const { name } = subgraph;
  const logger = services.logger.child({ subgraph: name });
  const { ledger, documents, metrics } = services;
  const { relations, projections } = readModelsOf(subgraph, services);
  const projector = createProjector({
    name,
    ledger,
    connection: documents.connection,
    projections,
    logger,
    metrics,
  });
  const schema = buildFederatedSchema(subgraph.resolvers, subgraph.references);
  await projector.start();
  const callers = new CallerCheck({ subgraph: name, tokens: services.tokens, routerKeys, proof });
  const createContext = (caller: Caller): GraphContext<Context> => ({
    request: subgraph.createContext({ caller, services, projector, relations }),
  });
  const hosted = await hostInProcess<GraphContext<Context>>({
    schema,
    createContext,
    // Nobody comes around the router within its own process.
    authenticate: (authorization) => callerOf(authorization, services.tokens),
    startOf: ({ request }) => request.streamStart,
    bodyLimit,
    logger,
  });
  const pages = subgraph.pages?.(services);
  const endpoint = new HttpEndpoint<GraphContext<Context>>({
    apollo: hosted.apollo,
    bodyLimit,
    callers,
    createContext,
    pages: pages && {
      paths: pages.paths,
      serve: (request, response, url, context) => pages.serve(request, response, url, context.request),
    },
    readiness: async () => ({
      ledger: await ledger.healthy(),
      documents: await documents.healthy(),
    }),
  });
  const server = createServer({ keepAliveTimeout: keepAliveMs }, endpoint.listener);
  const stopLive = serveLive({ server, operations: hosted.live, logger, bodyLimit, callers });
  await listen(server, port, host);
  const stopWork = subgraph.work?.(services, relations);
  const authority = `${host}:${(server.address() as AddressInfo).port}`;
  return {
    name,
    url: `http://${authority}/graphql`,
    wsUrl: `ws://${authority}/graphql`,
    inProcess: hosted.graph,
    projector,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      await stopWork?.();
      await Promise.all([stopLive(), hosted.endStreams()]);
      server.closeIdleConnections();
      await closed;
      await hosted.stop();
      await projector.stop();
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
