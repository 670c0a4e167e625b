import { type LedgerBlock, type LedgerClient } from '../ledger/index.js';
import { type Logger, type Metrics } from '../telemetry/index.js';
import { type ChannelFeed } from './channel-feed.js';
import { type Checkpoints } from './checkpoints.js';
import { decodeEvents, type SourcedEvent, type Strangers } from './decode-events.js';
import { type EventLog } from './event-log.js';
import { persevere } from './persevere.js';
import { type LedgerEvent, type Projection } from './projection.js';
import { readAhead } from './read-ahead.js';

/** Bytes of event payloads (and one for each block) that may wait for the document server. */
const readAheadLimit = 8 * 1024 * 1024;

const weightOf = (block: LedgerBlock): number =>
  block.transactions.reduce((sum, { event }) => sum + (event?.payload.length ?? 0), 1_024);

export interface ChannelFollowerOptions {
  readonly channel: string;
  /** Of the projector, for logs and metrics. */
  readonly name: string;
  readonly ledger: Pick<LedgerClient, 'blocks'>;
  /** Those that want this channel. */
  readonly projections: readonly Projection[];
  readonly isStranger?: Strangers;
  readonly eventLog: EventLog;
  readonly checkpoints: Checkpoints;
  readonly feed: ChannelFeed;
  /** Told of each step forward, after the events are in the feed. */
  readonly onApplied: (block: number, hasEvents: boolean) => void;
  readonly onFailure?: (error: unknown) => void;
  readonly logger: Logger;
  readonly metrics?: Metrics;
}

/** Takes one channel's blocks, in order, into the event log and the read models. */
export class ChannelFollower {
  readonly #options: ChannelFollowerOptions;
  readonly #chaincodes: ReadonlySet<string>;

  constructor(options: ChannelFollowerOptions) {
    this.#options = options;
    this.#chaincodes = new Set(options.projections.flatMap(({ chaincodes }) => chaincodes));
  }

  /** Follows the channel from the block after `applied` until the signal aborts. */
  async run(applied: number, signal: AbortSignal): Promise<void> {
    let next = applied + 1;
    // The client reconnects by itself; what ends its stream all the same, is begun again from the same block.
    await persevere(
      async () => {
        const blocks = this.#options.ledger.blocks(this.#options.channel, next, signal);
        for await (const batch of readAhead(blocks, weightOf, readAheadLimit)) {
          const last = batch.at(-1);
          if (!last || !(await this.#take(batch, last, signal))) return;
          next = last.number + 1;
        }
        if (!signal.aborted) throw new Error('The stream of blocks ended.');
      },
      signal,
      (error) => this.#report(error, 'the stream of blocks ended; opening it again'),
    );
  }

  /** False if the signal aborted before the blocks were in the read model. */
  async #take(batch: readonly LedgerBlock[], last: LedgerBlock, signal: AbortSignal): Promise<boolean> {
    const { channel, name, feed, metrics } = this.#options;
    const labels = { projection: name, channel };
    metrics?.projectionLagBlocks.set(labels, batch.length);
    const sourced = batch.flatMap((block) => this.#decode(block));
    const events = sourced.map(({ event }) => event);
    const applied = await persevere(
      () => this.#write(sourced, events, last.number),
      signal,
      (error) => {
        metrics?.projectionFailures.inc(labels);
        this.#options.onFailure?.(error);
        this.#report(error, 'blocks could not be applied; trying again');
      },
    );
    if (!applied) return false;
    metrics?.projectionLagBlocks.set(labels, 0);
    metrics?.projectionBlock.set(labels, last.number);
    const newest = last.transactions.at(-1)?.timestamp;
    if (newest !== undefined) {
      metrics?.projectionLagSeconds.set(labels, Math.max(0, (Date.now() - Date.parse(newest)) / 1000));
    }
    if (events.length > 0) metrics?.events.inc(labels, events.length);
    this.#options.onApplied(last.number, feed.publish(events, last.number));
    return true;
  }

  /** The checkpoint comes last: whatever is interrupted before it is done again, and comes to the same. */
  async #write(
    sourced: readonly SourcedEvent[],
    events: readonly LedgerEvent[],
    block: number,
  ): Promise<void> {
    const { channel, eventLog, projections, checkpoints } = this.#options;
    // Side by side, for none reads what another writes. All have ended before the blocks are tried again: a write that
    // came late would undo what a later block did.
    const written = await Promise.allSettled([
      eventLog.append(events),
      ...projections.map(async (projection) => {
        const wanted = sourced
          .filter(({ chaincode }) => projection.chaincodes.includes(chaincode))
          .map(({ event }) => event);
        if (wanted.length > 0) await projection.apply(wanted);
      }),
    ]);
    const failed = written.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason as Error;
    await checkpoints.write(channel, block);
  }

  #decode(block: LedgerBlock): SourcedEvent[] {
    const { channel, name, isStranger, logger, metrics } = this.#options;
    const onUndecodable = (transactionId: string, eventName: string): void => {
      metrics?.projectionUndecodable.inc({ projection: name, channel });
      logger.error({ channel, transactionId, eventName }, 'event payload is not what is read here; left out');
    };
    return decodeEvents(block, this.#chaincodes, onUndecodable, isStranger);
  }

  #report(error: unknown, what: string): void {
    const { logger, channel, name } = this.#options;
    logger.warn({ err: error, channel, projection: name }, what);
  }
}
