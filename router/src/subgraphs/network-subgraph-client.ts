import { type ExecutionResult } from 'graphql';
import { SubgraphError } from '../errors.js';
import { codeLabel, type RouterMetrics } from '../telemetry/router-metrics.js';
import { HttpSubgraph, type HttpSubgraphLimits } from './http-subgraph.js';
import { InProcessSubgraph } from './in-process-subgraph.js';
import {
  type SubgraphClient,
  type SubgraphEndpoint,
  type SubgraphEndpoints,
  type SubgraphRequest,
} from './subgraph-client.js';
import { WebSocketSubgraph, type WebSocketSubgraphLimits } from './websocket-subgraph.js';

/** Bounds of what the router takes from, and asks of, a subgraph. */
export type SubgraphLimits = HttpSubgraphLimits & WebSocketSubgraphLimits;

/** One subgraph, however it is reached. */
interface Connection {
  /** Sends a query or mutation; every failure is a result with a coded error. */
  request(request: SubgraphRequest): Promise<ExecutionResult>;
  subscribe(request: SubgraphRequest): AsyncIterableIterator<ExecutionResult>;
  /** Whether anything at all answers there. */
  answers(timeoutMs: number): Promise<boolean>;
  dispose(): void;
}

/**
 * The subgraphs of a supergraph: those that are servers of their own by HTTP for queries and mutations and WebSocket for
 * subscriptions, those of this process by calls.
 */
export class NetworkSubgraphClient implements SubgraphClient {
  readonly names: ReadonlySet<string>;
  readonly #connections: ReadonlyMap<string, Connection>;
  readonly #metrics: RouterMetrics | undefined;

  constructor(endpoints: SubgraphEndpoints, limits: SubgraphLimits, metrics?: RouterMetrics) {
    this.names = new Set(Object.keys(endpoints));
    this.#connections = new Map(
      Object.entries(endpoints).map(([name, endpoint]) => [name, connect(name, endpoint, limits)]),
    );
    this.#metrics = metrics;
  }

  async request(request: SubgraphRequest): Promise<ExecutionResult> {
    const started = performance.now();
    const result = (await this.#connections.get(request.subgraph)?.request(request)) ?? {
      errors: unknown(request.subgraph).toGraphQLErrors(),
    };
    const { subgraph, operation } = request;
    const code = result.errors?.length ? codeLabel(result.errors[0]?.extensions.code) : 'OK';
    this.#metrics?.subgraphCalls.observe({ subgraph, operation, code }, (performance.now() - started) / 1000);
    return result;
  }

  subscribe(request: SubgraphRequest): AsyncIterableIterator<ExecutionResult> {
    const connection = this.#connections.get(request.subgraph);
    if (!connection) throw unknown(request.subgraph);
    return connection.subscribe(request);
  }

  async unreachable(timeoutMs: number): Promise<readonly string[]> {
    const probes = [...this.#connections].map(async ([name, connection]) =>
      (await connection.answers(timeoutMs)) ? [] : [name],
    );
    return (await Promise.all(probes)).flat();
  }

  dispose(): void {
    for (const connection of this.#connections.values()) connection.dispose();
  }
}

function connect(
  name: string,
  { url, wsUrl = url.replace(/^http/, 'ws'), inProcess }: SubgraphEndpoint,
  limits: SubgraphLimits,
): Connection {
  if (inProcess) return new InProcessSubgraph(name, inProcess, limits);
  const http = new HttpSubgraph(name, url, limits);
  const webSocket = new WebSocketSubgraph(name, wsUrl, limits);
  return {
    request: (request) => http.request(request),
    subscribe: (request) => webSocket.subscribe(request),
    answers: (timeoutMs) => http.answers(timeoutMs),
    dispose: () => http.dispose(),
  };
}

function unknown(subgraph: string): SubgraphError {
  const message = `No address is configured for the subgraph "${subgraph}".`;
  return new SubgraphError('SUBGRAPH_UNAVAILABLE', message, subgraph);
}
