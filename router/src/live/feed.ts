import { Backoff } from '@medigraph/platform/time';
import { type ExecutionResult } from 'graphql';
import { type EngineLease } from '../engine/engine-slot.js';
import { type WithheldFields } from '../engine/withheld-fields.js';
import {
  asRouterError,
  SlowConsumerError,
  StreamRefusedError,
  SubgraphError,
  TokenExpiredError,
  type RouterError,
} from '../errors.js';
import { type OperationOrigin } from '../operations/prepared-operation.js';
import { LiveEvent } from './live-event.js';
import { type LiveOperation } from './live-operation.js';
import { type LiveStream } from './live-stream.js';

/** What a feed asks of the hub that it belongs to. */
export interface FeedHost {
  /** The engine that serves now. */
  lease(): EngineLease;
  /** A result as clients may see it. */
  present(result: ExecutionResult): ExecutionResult;
  /** For how long a lost upstream is looked for again, in milliseconds. */
  readonly reconnectMs: number;
  /** Is told that a lost upstream is opened again. */
  reconnecting(feed: Feed, error: RouterError): void;
  /** Is told of each event that was given to the feed's streams. */
  delivered(feed: Feed, event: LiveEvent): void;
  /** Is told once that the feed has ended. */
  closed(feed: Feed): void;
}

/** @see Feed */
export interface FeedOptions {
  readonly operation: LiveOperation;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Where to begin; from now on, if undefined. */
  readonly after: string | undefined;
  /** Of the client that it was opened for. */
  readonly origin: OperationOrigin;
  /** What none of its clients is given. */
  readonly withheld: WithheldFields | undefined;
  readonly host: FeedHost;
}

/**
 * One upstream subscription and the clients' streams that it feeds. Each event is enriched and serialised once. An upstream that is
 * lost is opened again after the last event given, where the operation can be resumed; its clients notice nothing.
 */
export class Feed {
  /** Whether it stands, or stood, where "from now on" begins; one that catches up does not. */
  readonly live: boolean;
  readonly #options: FeedOptions;
  readonly #streams = new Set<LiveStream>();
  #operation: LiveOperation;
  #cursor: string | undefined;
  /** The upstream subscription at the moment: aborted, it is closed, and another one opened unless the feed is closed. */
  #round = new AbortController();
  /** Whether the upstream ever gave a sign of life. */
  #established = false;
  #closed = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#operation = options.operation;
    this.#cursor = options.after;
    this.live = options.after === undefined;
  }

  get requestId(): string {
    return this.#options.origin.requestId;
  }

  /** Where the feed stands: after the last event given. */
  get cursor(): string | undefined {
    return this.#cursor;
  }

  get streams(): ReadonlySet<LiveStream> {
    return this.#streams;
  }

  add(stream: LiveStream): void {
    stream.feed = this;
    this.#streams.add(stream);
  }

  /** Lets a stream go; without streams the feed closes. */
  remove(stream: LiveStream): void {
    this.#streams.delete(stream);
    if (this.#streams.size === 0) this.close();
  }

  /** Takes over the streams of a feed that stands at the same place. */
  absorb(other: Feed): void {
    for (const stream of other.#streams) this.add(stream);
    other.#streams.clear();
    other.close();
  }

  /** Goes on with another form of the same operation, on the engine that serves now. */
  reopen(operation: LiveOperation): void {
    this.#operation = operation;
    this.#round.abort();
  }

  /** Ends every stream with an error. */
  cut(error: RouterError): void {
    for (const stream of this.#streams) stream.end(error);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#round.abort();
    this.#options.host.closed(this);
  }

  /** Feeds until the upstream or the last stream ends. */
  async run(): Promise<void> {
    const { host } = this.#options;
    const backoff = new Backoff({ initial: 100, limit: 5_000 });
    let lostAt: number | undefined;
    const alive = (): void => {
      this.#established = true;
      lostAt = undefined;
      backoff.reset();
    };
    while (!this.#closed) {
      const round = (this.#round = new AbortController());
      const expiresAt = this.#newest()?.expiresAt ?? 0;
      const error = await this.#follow(round.signal, alive);
      if (round.signal.aborted) continue;
      if (error === undefined) {
        // Nobody joins any more, though some may still have events waiting.
        this.close();
        for (const stream of this.#streams) stream.complete();
        return;
      }
      lostAt ??= Date.now();
      const renewed = (this.#newest()?.expiresAt ?? 0) > expiresAt;
      const lost = error instanceof SubgraphError && Date.now() - lostAt < host.reconnectMs;
      const again = error instanceof SlowConsumerError || (isExpiry(error) ? renewed : lost);
      if (!again || !this.#established || !this.#operation.resumable || this.#cursor === undefined) {
        this.cut(isExpiry(error) ? new TokenExpiredError() : error);
        return;
      }
      host.reconnecting(this, error);
      if (lost) await backoff.pause(round.signal);
    }
  }

  /** Gives the streams what one upstream subscription brings. @returns what broke it off, if anything did */
  async #follow(signal: AbortSignal, alive: () => void): Promise<RouterError | undefined> {
    const { host, variables, withheld } = this.#options;
    const { document } = this.#operation;
    const authentication = this.#newest()?.authentication ?? {};
    const origin = { ...this.#options.origin, authentication };
    const { requestId } = origin;
    const { authorization } = authentication;
    const lease = host.lease();
    try {
      const results = await lease.engine.execute(
        { document, variables: this.#operation.variablesFor(variables, this.#cursor), withheld },
        { authorization, requestId, origin, signal },
      );
      if (!(Symbol.asyncIterator in results)) return this.#refusal(results);
      const leave = (): void => void results.return?.();
      signal.addEventListener('abort', leave, { once: true });
      if (signal.aborted) leave();
      for await (const result of results) {
        if (signal.aborted) break;
        alive();
        this.#take(result);
      }
      return undefined;
    } catch (error) {
      return error instanceof StreamRefusedError ? this.#refusal(error) : asRouterError(error);
    } finally {
      lease.release();
    }
  }

  #take({ extensions, ...result }: ExecutionResult): void {
    const before = this.#cursor;
    const cursor = typeof extensions?.['cursor'] === 'string' ? extensions['cursor'] : undefined;
    if (cursor !== undefined) this.#cursor = cursor;
    // A mark of where the upstream begins, or an event that was given before.
    if (!('data' in result) || (cursor !== undefined && cursor === before)) return;
    const { host } = this.#options;
    const event = new LiveEvent(JSON.stringify(host.present(result)), cursor);
    for (const stream of this.#streams) stream.deliver(event, before);
    host.delivered(this, event);
  }

  #refusal({ errors = [] }: Pick<ExecutionResult, 'errors'>): RouterError {
    return new StreamRefusedError(this.#options.host.present({ errors }).errors ?? []);
  }

  /** The stream whose token is good for longest: the upstream is opened with it. */
  #newest(): LiveStream | undefined {
    let newest: LiveStream | undefined;
    for (const stream of this.#streams) {
      if (!newest || stream.expiresAt > newest.expiresAt) newest = stream;
    }
    return newest;
  }
}

function isExpiry({ code }: RouterError): boolean {
  return code === 'TOKEN_EXPIRED';
}
