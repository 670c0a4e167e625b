import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What Prometheus may know of the router. No label comes from a client's free choice, so the number of series is bounded. */
export class RouterMetrics {
  readonly registry: Registry;
  readonly operations: Histogram<'type' | 'transport' | 'code'>;
  readonly subgraphCalls: Histogram<'subgraph' | 'operation' | 'code'>;
  readonly refusals: Counter<'code'>;
  readonly subscriptions: Gauge<'transport'>;
  readonly events: Counter<'transport'>;
  readonly streamsEnded: Counter<'transport' | 'code'>;
  readonly renewals: Counter<'transport' | 'code'>;
  readonly feeds: Gauge;
  readonly reconnects: Counter<'code'>;
  readonly graphChanges: Counter<'outcome'>;
  readonly graphGeneration: Gauge;
  readonly draining: Gauge;
  readonly sockets: Gauge;
  readonly circuits: Gauge<'subgraph'>;

  /** @param registry where others count too; by default a new one with the process's own figures. */
  constructor(registry?: Registry) {
    this.registry = registry ?? new Registry();
    if (!registry) collectDefaultMetrics({ register: this.registry });
    const registers = [this.registry];
    this.operations = new Histogram({
      name: 'medigraph_router_operation_seconds',
      help: 'Queries and mutations executed: time, and the code of the first error, or OK.',
      labelNames: ['type', 'transport', 'code'],
      buckets: seconds,
      registers,
    });
    this.subgraphCalls = new Histogram({
      name: 'medigraph_router_subgraph_seconds',
      help: 'Calls to subgraphs: time, and the code of the first error, or OK.',
      labelNames: ['subgraph', 'operation', 'code'],
      buckets: seconds,
      registers,
    });
    this.refusals = new Counter({
      name: 'medigraph_router_refusals_total',
      help: 'Requests that were refused before execution, by code.',
      labelNames: ['code'],
      registers,
    });
    this.subscriptions = new Gauge({
      name: 'medigraph_router_subscriptions',
      help: 'Subscriptions open now.',
      labelNames: ['transport'],
      registers,
    });
    this.events = new Counter({
      name: 'medigraph_router_events_total',
      help: 'Events delivered to subscribers.',
      labelNames: ['transport'],
      registers,
    });
    this.streamsEnded = new Counter({
      name: 'medigraph_router_streams_ended_total',
      help: 'Subscriptions that ended, by the code of what cut them, or OK.',
      labelNames: ['transport', 'code'],
      registers,
    });
    this.renewals = new Counter({
      name: 'medigraph_router_renewals_total',
      help: 'Fresh tokens for open streams: OK, or the code of the refusal.',
      labelNames: ['transport', 'code'],
      registers,
    });
    this.feeds = new Gauge({
      name: 'medigraph_router_upstream_subscriptions',
      help: 'Subscriptions open to subgraphs now; clients share them.',
      registers,
    });
    this.reconnects = new Counter({
      name: 'medigraph_router_upstream_reconnects_total',
      help: 'Subscriptions to subgraphs that were opened again, by what had broken them off.',
      labelNames: ['code'],
      registers,
    });
    this.graphChanges = new Counter({
      name: 'medigraph_router_graph_changes_total',
      help: 'Supergraphs offered since the start, by outcome: swapped, refused, rolled_back.',
      labelNames: ['outcome'],
      registers,
    });
    this.graphGeneration = new Gauge({
      name: 'medigraph_router_graph_generation',
      help: 'Number of the supergraph that serves now, counted from the start.',
      registers,
    });
    this.draining = new Gauge({
      name: 'medigraph_router_draining',
      help: '1 while the router takes nothing new and finishes what is under way.',
      registers,
    });
    this.circuits = new Gauge({
      name: 'medigraph_router_circuit_open',
      help: '1 while a subgraph is not asked because it keeps failing, 0.5 while it is tried again.',
      labelNames: ['subgraph'],
      registers,
    });
    this.sockets = new Gauge({
      name: 'medigraph_router_websockets',
      help: 'WebSocket connections open now.',
      registers,
    });
  }
}

/** Codes come from subgraphs too: only the form of one is taken as a label. */
export function codeLabel(code: unknown): string {
  return typeof code === 'string' && /^[A-Z][A-Z_]{1,63}$/.test(code) ? code : 'OTHER';
}
