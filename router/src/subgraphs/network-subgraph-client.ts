import { type ExecutionResult } from 'graphql';
import { SubgraphError } from '../errors.js';
import { codeLabel, type RouterMetrics } from '../telemetry/router-metrics.js';
import { HttpSubgraph, type HttpSubgraphLimits } from './http-subgraph.js';
import { type SubgraphClient, type SubgraphEndpoints, type SubgraphRequest } from './subgraph-client.js';
import { WebSocketSubgraph, type WebSocketSubgraphLimits } from './websocket-subgraph.js';

/** Bounds of what the router takes from, and asks of, a subgraph. */
export type SubgraphLimits = HttpSubgraphLimits & WebSocketSubgraphLimits;

/** Subgraphs that are servers of their own: HTTP for queries and mutations, WebSocket for subscriptions. */
export class NetworkSubgraphClient implements SubgraphClient {
  readonly names: ReadonlySet<string>;
  readonly #http: ReadonlyMap<string, HttpSubgraph>;
  readonly #webSocket: ReadonlyMap<string, WebSocketSubgraph>;
  readonly #metrics: RouterMetrics | undefined;

  constructor(endpoints: SubgraphEndpoints, limits: SubgraphLimits, metrics?: RouterMetrics) {
    const entries = Object.entries(endpoints);
    this.names = new Set(Object.keys(endpoints));
    this.#http = new Map(entries.map(([name, { url }]) => [name, new HttpSubgraph(name, url, limits)]));
    this.#webSocket = new Map(
      entries.map(([name, { url, wsUrl = url.replace(/^http/, 'ws') }]) => [
        name,
        new WebSocketSubgraph(name, wsUrl, limits),
      ]),
    );
    this.#metrics = metrics;
  }

  async request(request: SubgraphRequest): Promise<ExecutionResult> {
    const started = performance.now();
    const result = (await this.#http.get(request.subgraph)?.request(request)) ?? {
      errors: unknown(request.subgraph).toGraphQLErrors(),
    };
    const { subgraph, operation } = request;
    const code = result.errors?.length ? codeLabel(result.errors[0]?.extensions.code) : 'OK';
    this.#metrics?.subgraphCalls.observe({ subgraph, operation, code }, (performance.now() - started) / 1000);
    return result;
  }

  subscribe(request: SubgraphRequest): AsyncIterableIterator<ExecutionResult> {
    const subgraph = this.#webSocket.get(request.subgraph);
    if (!subgraph) throw unknown(request.subgraph);
    return subgraph.subscribe(request);
  }

  async unreachable(timeoutMs: number): Promise<readonly string[]> {
    const probes = [...this.#http].map(async ([name, subgraph]) =>
      (await subgraph.answers(timeoutMs)) ? [] : [name],
    );
    return (await Promise.all(probes)).flat();
  }

  dispose(): void {
    for (const subgraph of this.#http.values()) subgraph.dispose();
  }
}

function unknown(subgraph: string): SubgraphError {
  const message = `No address is configured for the subgraph "${subgraph}".`;
  return new SubgraphError('SUBGRAPH_UNAVAILABLE', message, subgraph);
}
