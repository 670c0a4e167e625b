import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

// From a local evaluate to a commit that waited for a full block interval and a retry.
const latencyBuckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Every metric of the platform, in a registry of its own, so that several platforms may share a process. */
export interface Metrics {
  readonly registry: Registry;
  /** Seconds, by `method` (evaluate, submit), `channel` and `outcome` (`ok` or an error code). */
  readonly ledgerCalls: Histogram<'method' | 'channel' | 'outcome'>;
  /** By `reason`: a validation code, or `unavailable`. */
  readonly ledgerRetries: Counter<'channel' | 'reason'>;
  readonly blockStreamReconnects: Counter<'channel'>;
  /** Number of the last block in the read model. */
  readonly projectionBlock: Gauge<'projection' | 'channel'>;
  /** Blocks received and not yet in the read model. */
  readonly projectionLagBlocks: Gauge<'projection' | 'channel'>;
  /** Seconds between a transaction's timestamp and its being in the read model. */
  readonly projectionLagSeconds: Gauge<'projection' | 'channel'>;
  readonly projectionFailures: Counter<'projection' | 'channel'>;
  readonly projectionUndecodable: Counter<'projection' | 'channel'>;
  readonly events: Counter<'projection' | 'channel'>;
  readonly eventReaders: Gauge<'projection'>;
  /** Stored files compared with the ledger, by `outcome`: right, missing, altered. */
  readonly filesChecked: Counter<'outcome'>;
}

export function createMetrics(options: { readonly processMetrics?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (options.processMetrics === true) collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    ledgerCalls: new Histogram({
      name: 'medigraph_ledger_call_seconds',
      help: 'Time of ledger calls, from the proposal to the commit or the answer.',
      labelNames: ['method', 'channel', 'outcome'],
      buckets: latencyBuckets,
      registers,
    }),
    ledgerRetries: new Counter({
      name: 'medigraph_ledger_retries_total',
      help: 'Attempts repeated, by reason.',
      labelNames: ['channel', 'reason'],
      registers,
    }),
    blockStreamReconnects: new Counter({
      name: 'medigraph_ledger_block_stream_reconnects_total',
      help: 'Times that a stream of blocks was opened again after it broke.',
      labelNames: ['channel'],
      registers,
    }),
    projectionBlock: new Gauge({
      name: 'medigraph_projection_block',
      help: 'Number of the last block in the read model.',
      labelNames: ['projection', 'channel'],
      registers,
    }),
    projectionLagBlocks: new Gauge({
      name: 'medigraph_projection_lag_blocks',
      help: 'Blocks received and not yet in the read model.',
      labelNames: ['projection', 'channel'],
      registers,
    }),
    projectionLagSeconds: new Gauge({
      name: 'medigraph_projection_lag_seconds',
      help: 'Age of the newest transaction when it came into the read model.',
      labelNames: ['projection', 'channel'],
      registers,
    }),
    projectionFailures: new Counter({
      name: 'medigraph_projection_failures_total',
      help: 'Attempts to apply blocks that failed and were repeated.',
      labelNames: ['projection', 'channel'],
      registers,
    }),
    projectionUndecodable: new Counter({
      name: 'medigraph_projection_undecodable_events_total',
      help: 'Contract events whose payload is no JSON array, and which were left out.',
      labelNames: ['projection', 'channel'],
      registers,
    }),
    events: new Counter({
      name: 'medigraph_events_total',
      help: 'Ledger events taken into the event log.',
      labelNames: ['projection', 'channel'],
      registers,
    }),
    filesChecked: new Counter({
      name: 'medigraph_files_checked_total',
      help: 'Stored files compared with what the ledger says of them.',
      labelNames: ['outcome'],
      registers,
    }),
    eventReaders: new Gauge({
      name: 'medigraph_event_readers',
      help: 'Open readers of live events.',
      labelNames: ['projection'],
      registers,
    }),
  };
}
