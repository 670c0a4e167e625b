import { type AssertionSigner, type TokenVerifier } from '@medigraph/platform/identity';
import { isTracing } from '@medigraph/platform/tracing';
import { pino, type Logger } from 'pino';
import { type Registry } from 'prom-client';
import { assertCallers } from './assertion/assert-callers.js';
import { Authenticator } from './authentication.js';
import { GraphQLOverHttp } from './edge/graphql-over-http.js';
import { filePaths, FileRelay, packagePaths } from './edge/file-relay.js';
import { GraphiqlPage } from './edge/graphiql.js';
import { graphPath, HttpEdge } from './edge/http-edge.js';
import { OperatorGraph } from './edge/operator-graph.js';
import { OperatorPages } from './edge/operator-pages.js';
import { WebOrigins } from './edge/web-origins.js';
import { WebSocketEdge } from './edge/websocket-edge.js';
import { AccessControl } from './access/access-control.js';
import { mfaContext, stepUpPolicy, type PolicyEvaluator } from './access/policies.js';
import { EngineSlot } from './engine/engine-slot.js';
import { defaultEngine } from './engine/default-engine.js';
import { type EngineFactory } from './engine/router-engine.js';
import { Hooks } from './hooks/hooks.js';
import { type RouterPlugin } from './hooks/router-plugin.js';
import { GraphControl } from './graph/graph-control.js';
import { type SupergraphSource } from './graph/supergraph-source.js';
import { SupergraphWatch } from './graph/supergraph-watch.js';
import { OperationService, type OperationServiceOptions } from './operations/operation-service.js';
import { AutomaticPersistedQueries, type PersistedOperations } from './operations/persisted-operations.js';
import { defaultRouterLimits, type RouterLimits } from './router-limits.js';
import { NetworkSubgraphClient } from './subgraphs/network-subgraph-client.js';
import { type SubgraphClient, type SubgraphEndpoints } from './subgraphs/subgraph-client.js';
import { RouterMetrics } from './telemetry/router-metrics.js';
import { CircuitBreakers } from './traffic/circuit-breakers.js';
import { ClientAddresses } from './traffic/client-addresses.js';
import { RateLimiting } from './traffic/rate-limits.js';
import { tracingPlugin } from './telemetry/tracing-plugin.js';

/** What a router needs, and what may be chosen. */
export interface RouterOptions {
  /** SDL of the composed supergraph. */
  readonly supergraph: string;
  /** Where its subgraphs answer. */
  readonly subgraphs: SubgraphEndpoints;
  readonly verifier: TokenVerifier;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Address to listen at; the loopback by default. */
  readonly host?: string;
  /**
   * What becomes of an operation with fields that its caller is not given (`@authenticated`, `@requiresScopes`, `@policy`): `withhold`
   * (default) answers the rest, `refuse` nothing.
   */
  readonly unauthorized?: 'withhold' | 'refuse';
  /** Whether clients without a token get what no directive keeps from them; by default they get a description of the schema at most. */
  readonly anonymous?: boolean;
  /** Who decides of the names in `@policy`, beside `mfa`, which asks for a sign-in by more than one factor. */
  readonly policies?: Readonly<Record<string, PolicyEvaluator>>;
  /** For how long the policy `mfa` is satisfied with a sign-in; an hour by default. */
  readonly stepUpMaxAgeSeconds?: number;
  /** Signs to the subgraphs who calls; without it, they go by the forwarded token alone. */
  readonly assertions?: AssertionSigner;
  /** Capabilities beside the router's own, in the order in which they run. */
  readonly plugins?: readonly RouterPlugin[];
  /** Changes to {@link defaultRouterLimits}. */
  readonly limits?: Partial<RouterLimits>;
  /** Where the supergraph comes from, and how often to look for another one there; without it, only {@link RunningRouter.graph} changes it. */
  readonly watch?: { readonly source: SupergraphSource; readonly intervalMs: number };
  /**
   * Claims in which the tokens of clients that share a live stream may differ, beside those of the token itself (`exp`, `iat`,
   * `nbf`, `jti`). None by default: only what one person has open is shared. Name `sub` only where no subgraph looks at it.
   */
  readonly liveIgnoredClaims?: readonly string[];
  /** The subgraph that keeps files, which pass through `/files/` and `/uploads/`; `records` by default, where there is one. */
  readonly fileSubgraph?: string;
  /** The subgraph that keeps packages of DApps, which pass through `/packages/`; `dapps` by default, where there is one. */
  readonly packageSubgraph?: string;
  /** Automatic persisted queries by default. */
  readonly persistedOperations?: PersistedOperations;
  /** Who may ask for the schema's description; everybody by default. */
  readonly introspection?: OperationServiceOptions['introspection'];
  /** Whether browsers get GraphiQL at the graph's address; true by default. */
  readonly graphiql?: boolean;
  /** Web origins whose pages may use the graph, beside the router's own; `*` for all. None by default. */
  readonly corsOrigins?: readonly string[];
  /** Extensions of subgraphs' errors that clients see, beside `code`. */
  readonly errorExtensions?: readonly string[];
  /** Proxies (addresses, networks) whose `X-Forwarded-For` tells the client's address; none by default. */
  readonly trustedProxies?: readonly string[];
  /** Public keys of the token issuer, to be served at `/.well-known/jwks.json`. */
  readonly jwks?: () => Promise<object>;
  /** Where to count; by default a registry of its own, with the figures of the process. */
  readonly registry?: Registry;
  readonly log?: Logger;
  /** Makes the engines; by default those on the Rust query planner, or in JavaScript where it has no binary. */
  readonly engine?: EngineFactory;
}

/** A router that serves. */
export interface RunningRouter {
  /** Address of the graph over HTTP. */
  readonly url: string;
  /** Address of the graph over WebSocket. */
  readonly wsUrl: string;
  /** Changes the supergraph, or goes back to an earlier one. */
  readonly graph: Pick<GraphControl, 'change' | 'rollback' | 'state'>;
  /**
   * Stops gracefully: takes nothing new (503 until the last query is answered), lets queries finish, sends subscribers elsewhere
   * with the cursor to go on from (`SHUTTING_DOWN`; then WebSocket close code 1012, or the end of an event stream that is not
   * declared complete). What is open at the deadline is cut.
   */
  close(deadlineMs?: number): Promise<void>;
}

/**
 * Starts the router.
 * @throws where the supergraph is none that the engine takes, or names a subgraph without address.
 */
export async function startRouter(options: RouterOptions): Promise<RunningRouter> {
  const limits = { ...defaultRouterLimits, ...options.limits };
  const metrics = new RouterMetrics(options.registry);
  const log = options.log ?? pino({ name: 'router', level: 'silent' });
  const hooks = new Hooks([
    ...(isTracing() ? [tracingPlugin] : []),
    new RateLimiting(limits.rates),
    new AccessControl({
      refuseWhole: options.unauthorized === 'refuse',
      policies: {
        mfa: stepUpPolicy({ acrValues: [mfaContext], maxAge: options.stepUpMaxAgeSeconds ?? 3_600 }),
        ...options.policies,
      },
      scopesByDefault: ['medigraph'],
    }),
    ...(options.plugins ?? []),
    ...(limits.breakers.failureRatio > 0
      ? [new CircuitBreakers({ limits: limits.breakers, metrics, log })]
      : []),
    // Innermost: what is signed is what leaves.
    ...(options.assertions ? [assertCallers(options.assertions)] : []),
  ]);
  const connect = (endpoints: SubgraphEndpoints): SubgraphClient =>
    hooks.around(new NetworkSubgraphClient(endpoints, limits.subgraphs, metrics));
  const engine = await EngineSlot.open(
    options.engine ?? (await defaultEngine(log)),
    options.supergraph,
    connect(options.subgraphs),
  );
  const operations = new OperationService({
    engine,
    hooks,
    limits: limits.operation,
    live: limits.live,
    ignoredClaims: options.liveIgnoredClaims ?? [],
    persisted: options.persistedOperations ?? new AutomaticPersistedQueries(),
    anonymous: options.anonymous ?? false,
    introspection: options.introspection ?? 'everybody',
    operationTimeoutMs: limits.operationTimeoutMs,
    errorExtensions: options.errorExtensions ?? [
      'subgraph',
      'transactionId',
      'issues',
      'acrValues',
      'maxAge',
      'dapp',
      'dappCode',
    ],
    metrics,
    log,
  });
  const graph = new GraphControl({ graph: options, engine, connect, operations, metrics, log });
  const watch =
    options.watch &&
    new SupergraphWatch({
      ...options.watch,
      first: options.supergraph,
      change: (supergraph) => graph.change(supergraph),
      log,
    }).start();
  const authenticator = new Authenticator(options.verifier);
  const origins = new WebOrigins(options.corsOrigins ?? []);
  const addresses = new ClientAddresses(options.trustedProxies ?? []);
  const sockets = new WebSocketEdge({
    addresses,
    operations,
    authenticator,
    origins,
    metrics,
    limits: limits.webSocket,
  });
  const keepers = [
    [options.fileSubgraph ?? 'records', filePaths],
    [options.packageSubgraph ?? 'dapps', packagePaths],
  ] as const;
  const files = keepers.flatMap(([subgraph, paths]) => {
    const keeper = options.subgraphs[subgraph];
    if (!keeper) return [];
    const { timeoutMs: stallMs } = limits.subgraphs;
    const { assertions } = options;
    return [new FileRelay({ authenticator, subgraph, paths, url: keeper.url, stallMs, assertions })];
  });
  const edge = new HttpEdge({
    files,
    graph: new GraphQLOverHttp({ operations, authenticator, addresses, metrics, ...limits.http }),
    sockets,
    origins,
    pages: new OperatorPages({
      engine,
      operations,
      metrics,
      jwks: options.jwks,
      routerJwks: options.assertions?.jwks,
    }),
    operatorGraph: new OperatorGraph({ graph, authenticator }),
    graphiql: options.graphiql === false ? undefined : new GraphiqlPage(graphPath),
    limits: limits.http,
  });
  const host = options.host ?? '127.0.0.1';
  const { port } = await edge.listen(options.port ?? 0, host);
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}${graphPath}`;

  const close = async (deadlineMs: number): Promise<void> => {
    let deadline: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      deadline = setTimeout(() => {
        sockets.terminate();
        edge.terminate();
        resolve();
      }, deadlineMs);
    });
    watch?.stop();
    const drained = operations.drain();
    // The hint where to go on comes before the connection's end.
    operations.endStreams();
    sockets.drain();
    await Promise.race([drained, late]);
    await edge.close();
    clearTimeout(deadline);
    sockets.terminate();
    for (const relay of files) relay.dispose();
    engine.dispose();
  };
  let closing: Promise<void> | undefined;
  return {
    url: `http://${authority}`,
    wsUrl: `ws://${authority}`,
    graph,
    close: (deadlineMs = limits.drainMs) => (closing ??= close(deadlineMs)),
  };
}
