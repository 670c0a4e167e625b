import { type Connection } from 'mongoose';
import { ChannelUnknownError, type LedgerClient } from '../ledger/index.js';
import { silentLogger, type Logger, type Metrics } from '../telemetry/index.js';
import { BlockWaiters } from './block-waiters.js';
import { ChannelFeed } from './channel-feed.js';
import { ChannelFollower } from './channel-follower.js';
import { Checkpoints } from './checkpoints.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { CursorInvalidError } from './errors.js';
import { type Strangers } from './decode-events.js';
import { EventLog } from './event-log.js';
import { readEvents } from './event-reader.js';
import { persevere } from './persevere.js';
import {
  type CursoredEvent,
  type CursoredEvents,
  type EventPosition,
  type Projection,
  type Projector,
} from './projection.js';
import { Wakeups } from './wakeups.js';

export interface ProjectorOptions {
  /** Begins the names of the projector's own collections: the event log and the checkpoints. */
  readonly name: string;
  /** Only its blocks are read. */
  readonly ledger: Pick<LedgerClient, 'blocks'>;
  readonly connection: Connection;
  readonly projections: readonly Projection[];
  /** Chaincodes of others whose events are told of too, by the type that `strangersEvent` gives; none by default. */
  readonly strangers?: { readonly channels: readonly string[]; readonly isStranger: Strangers };
  /** Events of each channel kept in memory for live readers; 4,096. */
  readonly eventsKept?: number;
  /** Milliseconds without a new block after which a cursor ahead of the newest one is refused; 10,000. */
  readonly aheadMs?: number;
  /** Told of each failed attempt to write blocks; it is made again, whatever this does. */
  readonly onFailure?: (error: unknown) => void;
  readonly logger?: Logger;
  readonly metrics?: Metrics;
}

class LedgerProjector implements Projector {
  readonly #options: ProjectorOptions;
  readonly #channels: readonly string[];
  readonly #logger: Logger;
  readonly #eventLog: EventLog;
  readonly #checkpoints: Checkpoints;
  readonly #published = new Wakeups();
  readonly #feeds = new Map<string, ChannelFeed>();
  readonly #waiters = new Map<string, BlockWaiters>();
  #following: { readonly abort: AbortController; readonly done: Promise<unknown> } | undefined;
  readonly #lifetime = new AbortController();
  #rebuilding: Promise<void> | undefined;

  constructor(options: ProjectorOptions) {
    this.#options = options;
    const channels = options.projections.flatMap((projection) => projection.channels);
    this.#channels = [...new Set([...channels, ...(options.strangers?.channels ?? [])])].sort();
    this.#logger = options.logger ?? silentLogger;
    this.#eventLog = new EventLog(options.connection, `${options.name}_events`);
    this.#checkpoints = new Checkpoints(options.connection, `${options.name}_checkpoints`);
  }

  async start(): Promise<void> {
    if (await this.#checkpoints.isClearing()) await this.#clear();
    const applied = await this.#checkpoints.read();
    for (const channel of this.#channels) {
      const block = applied.get(channel) ?? -1;
      this.#feeds.set(channel, new ChannelFeed(channel, block, this.#options.eventsKept ?? 4_096));
      this.#waiters.set(channel, new BlockWaiters(block));
    }
    this.#follow();
  }

  reached(channel: string, block: number, timeoutMs = 10_000): Promise<boolean> {
    return this.#waitersOf(channel).wait(block, timeoutMs);
  }

  events({
    channels = this.#channels,
    after,
    signal,
  }: {
    channels?: readonly string[];
    after?: string;
    signal: AbortSignal;
  }): CursoredEvents {
    const stream = [...new Set(channels)].sort();
    // From now on means from this call on, whenever the first event is asked for.
    const heads = stream.map((channel): [string, EventPosition] => [channel, this.#feedOf(channel).head]);
    const positions = after === undefined ? new Map(heads) : decodeCursor(after, stream);
    const start = encodeCursor(positions);
    const events = this.#read(positions, signal);
    return { start, [Symbol.asyncIterator]: () => events };
  }

  async checkpoints(): Promise<Record<string, number>> {
    return Object.fromEntries(await this.#checkpoints.read());
  }

  /** Callers at the same time share one rebuild. */
  rebuild(): Promise<void> {
    this.#rebuilding ??= this.#rebuild().finally(() => (this.#rebuilding = undefined));
    return this.#rebuilding;
  }

  async stop(): Promise<void> {
    this.#lifetime.abort();
    for (const waiters of this.#waiters.values()) waiters.release();
    await this.#rebuilding;
    await this.#unfollow();
    this.#published.wake();
  }

  async #rebuild(): Promise<void> {
    const heights = this.#channels.map((channel) => this.#waitersOf(channel).applied);
    await this.#unfollow();
    // If the projector is stopped meanwhile, the mark that clearing leaves makes the next start finish it.
    const cleared = await persevere(
      () => this.#clear(),
      this.#lifetime.signal,
      (error) => this.#logger.warn({ err: error }, 'the read model could not be emptied; trying again'),
    );
    if (!cleared) return;
    for (const channel of this.#channels) this.#waitersOf(channel).advance(-1);
    this.#follow();
    await Promise.all(
      this.#channels.map((channel, index) => this.#waitersOf(channel).wait(heights[index] ?? -1)),
    );
  }

  async *#read(
    positions: Map<string, EventPosition>,
    signal: AbortSignal,
  ): AsyncGenerator<CursoredEvent, void, undefined> {
    const readers = this.#options.metrics?.eventReaders;
    const labels = { projection: this.#options.name };
    readers?.inc(labels);
    try {
      for (const position of positions.values()) await this.#requireReached(position, signal);
      yield* readEvents({
        feeds: this.#feeds,
        eventLog: this.#eventLog,
        published: this.#published,
        positions,
        signal,
        isStopped: () => this.#lifetime.signal.aborted,
      });
    } finally {
      readers?.dec(labels);
    }
  }

  /**
   * A cursor may come from an instance that is ahead of this one, which then catches up. One that lies ahead of the
   * ledger itself is of a ledger that is no more: nothing would ever be delivered behind it.
   */
  async #requireReached({ channel, block }: EventPosition, signal: AbortSignal): Promise<void> {
    const feed = this.#feedOf(channel);
    const waiters = this.#waitersOf(channel);
    const { aheadMs = 10_000 } = this.#options;
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    const isOver = () => signal.aborted || this.#lifetime.signal.aborted;
    while (block > feed.head.block && !isOver()) {
      const { applied } = waiters;
      const reached = await Promise.race([waiters.wait(block, aheadMs), aborted]);
      if (reached === false && waiters.applied === applied && !isOver())
        throw new CursorInvalidError('it lies ahead of the ledger; start again without it');
    }
  }

  #follow(): void {
    if (this.#lifetime.signal.aborted) return;
    const abort = new AbortController();
    const done = Promise.all(
      this.#channels.map((channel) => {
        const waiters = this.#waitersOf(channel);
        const follower = new ChannelFollower({
          channel,
          name: this.#options.name,
          ledger: this.#options.ledger,
          projections: this.#options.projections.filter(({ channels }) => channels.includes(channel)),
          isStranger: this.#options.strangers?.isStranger,
          eventLog: this.#eventLog,
          checkpoints: this.#checkpoints,
          feed: this.#feedOf(channel),
          onFailure: this.#options.onFailure,
          logger: this.#logger,
          metrics: this.#options.metrics,
          onApplied: (block, hasEvents) => {
            waiters.advance(block);
            if (hasEvents) this.#published.wake();
          },
        });
        return follower.run(waiters.applied, abort.signal);
      }),
    );
    this.#following = { abort, done };
  }

  async #unfollow(): Promise<void> {
    this.#following?.abort.abort();
    await this.#following?.done;
    this.#following = undefined;
  }

  /** The event log stays: positions, and so cursors, are those of the ledger. */
  async #clear(): Promise<void> {
    await this.#checkpoints.beginClearing();
    for (const projection of this.#options.projections) await projection.clear();
    await this.#checkpoints.endClearing();
  }

  #feedOf(channel: string): ChannelFeed {
    return this.#known(this.#feeds, channel);
  }

  #waitersOf(channel: string): BlockWaiters {
    return this.#known(this.#waiters, channel);
  }

  #known<T>(byChannel: ReadonlyMap<string, T>, channel: string): T {
    const found = byChannel.get(channel);
    if (found === undefined) {
      throw this.#channels.includes(channel)
        ? new Error('The projector has not been started.')
        : new ChannelUnknownError(channel);
    }
    return found;
  }
}

/** A projector that keeps read models in the documents behind a mongoose connection. */
export function createProjector(options: ProjectorOptions): Projector {
  return new LedgerProjector(options);
}
