import { createHash } from 'node:crypto';
import { getVariableValues, validate, type ExecutionResult } from 'graphql';
import { type Logger } from 'pino';
import { type Authentication } from '../authentication.js';
import { type EngineLease, type EngineSlot } from '../engine/engine-slot.js';
import { type Hooks } from '../hooks/hooks.js';
import { type RouterEngine } from '../engine/router-engine.js';
import {
  asRouterError,
  RenewalRefusedError,
  SchemaChangedError,
  ShuttingDownError,
  TooManySubscriptionsError,
  type RouterError,
} from '../errors.js';
import { type OperationOrigin, type PreparedOperation } from '../operations/prepared-operation.js';
import { codeLabel, type RouterMetrics } from '../telemetry/router-metrics.js';
import { Audiences } from './audience.js';
import { Feed, type FeedHost } from './feed.js';
import { type LiveEvent } from './live-event.js';
import { liveOperation, type LiveOperation } from './live-operation.js';
import { LiveStream, type LiveBuffer, type LiveSink } from './live-stream.js';

/** Bounds of the live streams. */
export interface LiveLimits extends LiveBuffer {
  /** Streams open at once, on all connections. */
  readonly maxStreams: number;
  /** Upstream subscriptions that one audience may need at once; streams that share one count as one. */
  readonly maxFeedsPerAudience: number;
  /** For how long a lost upstream is looked for again, in milliseconds. */
  readonly reconnectMs: number;
}

/** @see LiveHub */
export interface LiveHubOptions {
  readonly engine: EngineSlot;
  readonly hooks: Hooks;
  readonly limits: LiveLimits;
  /** Claims in which the tokens of clients that share a stream may differ, beside those of the token itself. */
  readonly ignoredClaims: readonly string[];
  /** A result as clients may see it. */
  readonly present: (result: ExecutionResult) => ExecutionResult;
  readonly metrics: RouterMetrics;
  readonly log: Logger;
}

/** The feeds of one stream for one audience: one that is live, and those that catch up with it. */
interface Topic {
  readonly key: string;
  readonly audience: string;
  readonly operation: PreparedOperation;
  readonly feeds: Set<Feed>;
}

/**
 * All live streams of the router, whatever their transport. Clients whose operation, variables and rights are equal share one
 * feed, where the stream has cursors; one that comes back after an earlier event catches up in a feed of its own, which joins the
 * other where they meet.
 */
export class LiveHub implements FeedHost {
  readonly reconnectMs: number;
  readonly present: LiveHubOptions['present'];
  readonly #options: LiveHubOptions;
  readonly #audiences: Audiences;
  readonly #topics = new Map<string, Topic>();
  readonly #topicOf = new Map<Feed, Topic>();
  readonly #feedsOf = new Map<string, number>();
  readonly #streams = new Set<LiveStream>();
  readonly #operations = new WeakMap<PreparedOperation['document'], LiveOperation>();

  constructor(options: LiveHubOptions) {
    this.#options = options;
    this.present = options.present;
    this.reconnectMs = options.limits.reconnectMs;
    this.#audiences = new Audiences(options.ignoredClaims);
  }

  /**
   * Begins a stream.
   * @throws {@link TooManySubscriptionsError}, {@link SchemaChangedError} where the graph changed since the operation was prepared
   */
  subscribe(operation: PreparedOperation, origin: OperationOrigin, sink: LiveSink): LiveStream {
    const { limits, engine, hooks, metrics } = this.#options;
    if (operation.schema !== engine.current.schema) throw new SchemaChangedError();
    if (this.#streams.size >= limits.maxStreams)
      throw new TooManySubscriptionsError(limits.maxStreams, 'streams may be open on this router');
    const live = this.#operationOf(operation);
    const audience = this.#audiences.of(origin.authentication);
    const topic = this.#topic(operation, live, audience);
    const after = live.afterOf(operation.variables);
    const shared = [...topic.feeds].find((feed) => (after === undefined ? feed.live : feed.cursor === after));
    const feed = shared ?? this.#open(topic, live, after, origin);
    const { transport } = origin;
    const stream = new LiveStream({
      sink,
      operation,
      origin,
      buffer: limits,
      admits: hooks.watchEvents
        ? (event, { authentication }) => hooks.event(event, { operation, origin, authentication })
        : undefined,
      onEnd: (ended, error) => this.#ended(ended, error),
    });
    metrics.subscriptions.inc({ transport });
    this.#streams.add(stream);
    feed.add(stream);
    if (!shared) void feed.run();
    return stream;
  }

  /**
   * Goes on with streams of one client with a fresh token, all or none. One whose sign-in is another one's belongs to another
   * audience: its stream leaves those that it was shared with, and goes on from the same place with what that audience is given.
   * @throws {@link RenewalRefusedError} unless the token is of the same person with the same rights, known no less surely
   */
  renew(present: Authentication, fresh: Authentication, streams: Iterable<LiveStream>): void {
    if (!this.#audiences.renews(fresh, present)) throw new RenewalRefusedError();
    const moves = this.#audiences.of(fresh) !== this.#audiences.of(present);
    for (const stream of [...streams]) {
      stream.renew(fresh);
      if (moves) this.#move(stream, fresh);
    }
  }

  /** Feeds a stream as its token's audience is fed; one that nobody can share stays where it is. */
  #move(stream: LiveStream, authentication: Authentication): void {
    const { feed: left, operation } = stream;
    const live = this.#operationOf(operation);
    if (!left || !live.resumable) return;
    try {
      const topic = this.#topic(operation, live, this.#audiences.of(authentication));
      const feed = this.#open(topic, live, left.cursor, { ...stream.origin, authentication });
      left.remove(stream);
      feed.add(stream);
      void feed.run();
    } catch (error) {
      stream.end(asRouterError(error));
    }
  }

  lease(): EngineLease {
    return this.#options.engine.lease();
  }

  reconnecting(feed: Feed, { code }: RouterError): void {
    const { metrics, log } = this.#options;
    metrics.reconnects.inc({ code: codeLabel(code) });
    log.warn({ requestId: feed.requestId, code, streams: feed.streams.size }, 'upstream opened again');
  }

  /** Counts, and joins feeds that have come to the same place: from there on both would bring the same. */
  delivered(feed: Feed, { cursor }: LiveEvent): void {
    const counts = new Map<LiveStream['transport'], number>();
    for (const { transport } of feed.streams) counts.set(transport, (counts.get(transport) ?? 0) + 1);
    for (const [transport, count] of counts) this.#options.metrics.events.inc({ transport }, count);
    if (cursor === undefined) return;
    for (const other of this.#topicOf.get(feed)?.feeds ?? []) {
      if (other === feed || other.cursor !== cursor) continue;
      if (other.live) other.absorb(feed);
      else feed.absorb(other);
      return;
    }
  }

  closed(feed: Feed): void {
    const topic = this.#topicOf.get(feed);
    if (!topic) return;
    this.#topicOf.delete(feed);
    this.#options.metrics.feeds.dec();
    topic.feeds.delete(feed);
    if (topic.feeds.size === 0) this.#topics.delete(topic.key);
    const left = (this.#feedsOf.get(topic.audience) ?? 0) - 1;
    if (left > 0) this.#feedsOf.set(topic.audience, left);
    else this.#feedsOf.delete(topic.audience);
  }

  /**
   * Follows a change of the graph: streams that are still valid go on, on the new engine from where they stand; the others end
   * with `SCHEMA_CHANGED`. Streams without cursors go on as they are.
   */
  async follow(): Promise<void> {
    const engine = this.#options.engine.current;
    for (const [feed, { operation }] of [...this.#topicOf]) {
      const live = await stillValid(engine, operation);
      const refusal = live && (await this.#planAgain(engine, operation, feed));
      if (engine !== this.#options.engine.current) return;
      if (!live || refusal) feed.cut(refusal ?? new SchemaChangedError());
      else if (live.resumable && feed.cursor !== undefined) feed.reopen(live);
    }
  }

  /** Asks the plugins about a stream in the new graph. @returns what it has to end with, if with anything */
  async #planAgain(
    { schema }: RouterEngine,
    { withheld, ...operation }: PreparedOperation,
    feed: Feed,
  ): Promise<RouterError | undefined> {
    const [stream] = feed.streams;
    if (!stream) return undefined;
    const origin = { ...stream.origin, authentication: stream.authentication };
    try {
      const planned = await this.#options.hooks.plan({ ...operation, schema }, origin);
      // Clients found the stream by what is withheld from them: it cannot become another one.
      return planned.withheld?.key === withheld?.key ? undefined : new SchemaChangedError();
    } catch (error) {
      return asRouterError(error);
    }
  }

  /** Sends every client elsewhere, with the cursor to go on from. */
  drain(): void {
    for (const stream of this.#streams) stream.end(new ShuttingDownError());
  }

  #operationOf(operation: PreparedOperation): LiveOperation {
    let live = this.#operations.get(operation.document);
    if (!live) {
      live = liveOperation(operation.schema, operation);
      this.#operations.set(operation.document, live);
    }
    return live;
  }

  #topic(operation: PreparedOperation, live: LiveOperation, audience: string): Topic {
    const stream = `${audience}\n${operation.withheld?.key ?? ''}\n${live.streamOf(operation.variables)}`;
    const key = createHash('sha256').update(stream).digest('base64url');
    return this.#topics.get(key) ?? { key, audience, operation, feeds: new Set() };
  }

  #open(topic: Topic, operation: LiveOperation, after: string | undefined, origin: OperationOrigin): Feed {
    const { key, audience } = topic;
    const open = this.#feedsOf.get(audience) ?? 0;
    const { maxFeedsPerAudience } = this.#options.limits;
    if (open >= maxFeedsPerAudience)
      throw new TooManySubscriptionsError(
        maxFeedsPerAudience,
        'different streams may be open for one person',
      );
    const { variables, withheld } = topic.operation;
    const feed = new Feed({ operation, variables, after, origin, withheld, host: this });
    // A stream without cursors is never found again: nobody else may join it.
    if (operation.resumable) this.#topics.set(key, topic);
    topic.feeds.add(feed);
    this.#topicOf.set(feed, topic);
    this.#feedsOf.set(audience, open + 1);
    this.#options.metrics.feeds.inc();
    return feed;
  }

  #ended(stream: LiveStream, error: RouterError | undefined): void {
    const { hooks, metrics, log } = this.#options;
    const { transport, operation, origin } = stream;
    const { requestId } = origin;
    this.#streams.delete(stream);
    stream.feed?.remove(stream);
    metrics.subscriptions.dec({ transport });
    metrics.streamsEnded.inc({ transport, code: error ? codeLabel(error.code) : 'OK' });
    if (error?.status === 500) log.error({ err: error.cause, requestId }, 'subscription failed');
    log.info({ requestId, transport, ...(error && { code: error.code }) }, 'subscription ended');
    hooks.settle(origin, { operation, error });
  }
}

/** The operation under another schema; undefined where it is not valid there, or cannot be planned. */
async function stillValid(
  engine: RouterEngine,
  prepared: PreparedOperation,
): Promise<LiveOperation | undefined> {
  const { schema } = engine;
  const { document, operation, variables } = prepared;
  if (validate(schema, document, undefined, { maxErrors: 1 }).length > 0) return undefined;
  if (getVariableValues(schema, operation.variableDefinitions ?? [], variables).errors) return undefined;
  const live = liveOperation(schema, prepared);
  try {
    await engine.compile({ document: live.document });
    return live;
  } catch {
    return undefined;
  }
}
