import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  handleWhen,
  SamplingBreaker,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import { type ExecutionResult } from 'graphql';
import { type Logger } from 'pino';
import { SubgraphError } from '../errors.js';
import { type RouterPlugin } from '../hooks/router-plugin.js';
import { type SubgraphRequest } from '../subgraphs/subgraph-client.js';
import { type RouterMetrics } from '../telemetry/router-metrics.js';

/** When a subgraph is left alone, and for how long. */
export interface BreakerLimits {
  /** Share of failing requests, over the last `windowMs`, from which on nothing is sent; 0 switches breakers off. */
  readonly failureRatio: number;
  readonly windowMs: number;
  /** With fewer requests a second than this, nothing is concluded. */
  readonly minimumRps: number;
  /** After so long one request is let through, to see. */
  readonly halfOpenAfterMs: number;
}

/** What says that a subgraph is down, rather than that it refuses. */
const failing: ReadonlySet<unknown> = new Set([
  'SUBGRAPH_UNAVAILABLE',
  'SUBGRAPH_TIMEOUT',
  'SUBGRAPH_BAD_RESPONSE',
]);

/** A failing answer on its way through the breaker. */
class Failing extends Error {
  constructor(readonly result: ExecutionResult) {
    super('The subgraph fails.');
  }
}

/** @see CircuitBreakers */
export interface CircuitBreakersOptions {
  readonly limits: BreakerLimits;
  readonly metrics: RouterMetrics;
  readonly log: Logger;
}

/**
 * A circuit breaker for each subgraph: one that fails again and again is not asked for a while, so that neither clients nor the
 * subgraph wait on what will fail. A client that leaves is no failure.
 */
export class CircuitBreakers implements RouterPlugin {
  readonly name = 'circuit breakers';
  readonly #options: CircuitBreakersOptions;
  readonly #breakers = new Map<string, CircuitBreakerPolicy>();

  constructor(options: CircuitBreakersOptions) {
    this.#options = options;
  }

  async fetch(
    request: SubgraphRequest,
    next: (request: SubgraphRequest) => Promise<ExecutionResult>,
  ): Promise<ExecutionResult> {
    const { subgraph, signal } = request;
    try {
      return await this.#breakerOf(subgraph).execute(async () => {
        const result = await next(request);
        if (!signal.aborted && failing.has(result.errors?.[0]?.extensions.code)) throw new Failing(result);
        return result;
      });
    } catch (error) {
      if (error instanceof Failing) return error.result;
      if (!(error instanceof BrokenCircuitError)) throw error;
      const message = `The subgraph "${subgraph}" keeps failing and is not asked for a while.`;
      throw new SubgraphError('SUBGRAPH_UNAVAILABLE', message, subgraph, { cause: error });
    }
  }

  #breakerOf(subgraph: string): CircuitBreakerPolicy {
    let breaker = this.#breakers.get(subgraph);
    if (!breaker) this.#breakers.set(subgraph, (breaker = this.#open(subgraph)));
    return breaker;
  }

  #open(subgraph: string): CircuitBreakerPolicy {
    const { limits, metrics, log } = this.#options;
    const breaker = circuitBreaker(
      handleWhen((error) => error instanceof Failing),
      {
        halfOpenAfter: limits.halfOpenAfterMs,
        breaker: new SamplingBreaker({
          threshold: limits.failureRatio,
          duration: limits.windowMs,
          minimumRps: limits.minimumRps,
        }),
      },
    );
    metrics.circuits.set({ subgraph }, 0);
    breaker.onStateChange((state) => {
      metrics.circuits.set(
        { subgraph },
        state === CircuitState.Open ? 1 : state === CircuitState.HalfOpen ? 0.5 : 0,
      );
      log.warn({ subgraph, state: CircuitState[state] }, 'circuit breaker');
    });
    return breaker;
  }
}
