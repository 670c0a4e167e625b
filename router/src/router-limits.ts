import { type GraphQLOverHttpOptions } from './edge/graphql-over-http.js';
import { type HttpServerLimits } from './edge/http-edge.js';
import { type WebSocketLimits } from './edge/websocket-edge.js';
import { type LiveLimits } from './live/live-hub.js';
import { defaultOperationLimits, type OperationLimits } from './operations/operation-limits.js';
import { type BreakerLimits } from './traffic/circuit-breakers.js';
import { type RateLimits } from './traffic/rate-limits.js';
import { type SubgraphLimits } from './subgraphs/network-subgraph-client.js';

/** Every bound that the router holds. Times are in milliseconds, sizes in bytes. */
export interface RouterLimits {
  readonly operation: OperationLimits;
  /** Queries and mutations take no longer. */
  readonly operationTimeoutMs: number;
  readonly http: HttpServerLimits &
    Pick<GraphQLOverHttpOptions, 'maxBodyBytes' | 'maxCallerBodyBytes' | 'heartbeatMs' | 'stallMs'>;
  readonly webSocket: WebSocketLimits;
  readonly live: LiveLimits;
  readonly subgraphs: SubgraphLimits;
  readonly breakers: BreakerLimits;
  readonly rates: RateLimits;
  /** For how long a router that is asked to stop waits for what is under way. */
  readonly drainMs: number;
}

export const defaultRouterLimits: RouterLimits = {
  operation: defaultOperationLimits,
  operationTimeoutMs: 30_000,
  http: {
    maxHeaderBytes: 16 * 1024,
    headersTimeoutMs: 10_000,
    requestTimeoutMs: 30_000,
    keepAliveTimeoutMs: 65_000,
    maxBodyBytes: 1024 * 1024,
    // Records are large; a caller who is known may be asked to answer for what they send.
    maxCallerBodyBytes: 12 * 1024 * 1024,
    heartbeatMs: 12_000,
    stallMs: 20_000,
  },
  webSocket: {
    maxConnections: 20_000,
    maxOperationsPerConnection: 100,
    maxMessageBytes: 1024 * 1024,
    initTimeoutMs: 3_000,
    keepAliveMs: 12_000,
    bufferedBytes: 64 * 1024,
  },
  live: {
    maxStreams: 50_000,
    maxFeedsPerAudience: 200,
    bufferedEvents: 1_000,
    bufferedCharacters: 8 * 1024 * 1024,
    reconnectMs: 60_000,
  },
  subgraphs: {
    timeoutMs: 20_000,
    maxResponseBytes: 64 * 1024 * 1024,
    maxConnections: 128,
    idleConnectionMs: 4_000,
    bufferedEvents: 1_000,
    keepAliveMs: 12_000,
    maxMessageBytes: 16 * 1024 * 1024,
  },
  breakers: { failureRatio: 0.5, windowMs: 10_000, minimumRps: 2, halfOpenAfterMs: 5_000 },
  // What callers may take is the operator's to say: a loader asks for more than a page.
  rates: { anonymous: { amount: 600, perSeconds: 60 }, maxClients: 100_000 },
  drainMs: 10_000,
};
