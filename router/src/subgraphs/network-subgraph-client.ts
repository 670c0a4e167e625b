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

/**
 * The subgraphs of a supergraph: those that are servers of their own by HTTP for queries and mutations and WebSocket for
 * subscriptions, those of this process by calls.
 */
export class NetworkSubgraphClient implements SubgraphClient {
  readonly names: ReadonlySet<string>;
  readonly #configured: SubgraphEndpoints;
  readonly #limits: SubgraphLimits;
  /** By name and address: requests may ask for another address than the configured one. */
  readonly #http = new Map<string, HttpSubgraph>();
  readonly #metrics: RouterMetrics | undefined;

  constructor(endpoints: SubgraphEndpoints, limits: SubgraphLimits, metrics?: RouterMetrics) {
    this.names = new Set(Object.keys(endpoints));
    this.#configured = endpoints;
    this.#limits = limits;
    this.#metrics = metrics;
  }

  async request(request: SubgraphRequest): Promise<ExecutionResult> {
    const started = performance.now();
    const { subgraph, operation } = request;
    const endpoint = this.#endpointOf(request);
    const result = endpoint
      ? await this.#at(subgraph, endpoint).request(request)
      : { errors: unknown(subgraph).toGraphQLErrors() };
    const code = result.errors?.length ? codeLabel(result.errors[0]?.extensions.code) : 'OK';
    this.#metrics?.subgraphCalls.observe({ subgraph, operation, code }, (performance.now() - started) / 1000);
    return result;
  }

  subscribe(request: SubgraphRequest): AsyncIterableIterator<ExecutionResult> {
    const { subgraph } = request;
    const endpoint = this.#endpointOf(request);
    if (!endpoint) throw unknown(subgraph);
    const { url, wsUrl, inProcess } = endpoint;
    const live = inProcess
      ? new InProcessSubgraph(subgraph, inProcess, this.#limits)
      : new WebSocketSubgraph(subgraph, wsUrl ?? url.replace(/^http/, 'ws'), this.#limits);
    return live.subscribe(request);
  }

  async unreachable(timeoutMs: number): Promise<readonly string[]> {
    const probes = Object.entries(this.#configured).map(async ([name, endpoint]) =>
      (await this.#at(name, endpoint).answers(timeoutMs)) ? [] : [name],
    );
    return (await Promise.all(probes)).flat();
  }

  #endpointOf({ subgraph, endpoint }: SubgraphRequest): SubgraphEndpoint | undefined {
    if (!this.names.has(subgraph)) return undefined;
    return endpoint ?? this.#configured[subgraph];
  }

  #at(name: string, { url, inProcess }: SubgraphEndpoint): HttpSubgraph | InProcessSubgraph {
    if (inProcess) return new InProcessSubgraph(name, inProcess, this.#limits);
    const key = `${name} ${url}`;
    let subgraph = this.#http.get(key);
    if (!subgraph) this.#http.set(key, (subgraph = new HttpSubgraph(name, url, this.#limits)));
    return subgraph;
  }

  dispose(): void {
    for (const subgraph of this.#http.values()) subgraph.dispose();
  }
}

function unknown(subgraph: string): SubgraphError {
  const message = `No address is configured for the subgraph "${subgraph}".`;
  return new SubgraphError('SUBGRAPH_UNAVAILABLE', message, subgraph);
}
