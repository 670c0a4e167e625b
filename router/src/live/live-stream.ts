import { type Authentication } from '../authentication.js';
import { asRouterError, SlowConsumerError, TokenExpiredError, type RouterError } from '../errors.js';
import {
  type OperationOrigin,
  type PreparedOperation,
  type TransportName,
} from '../operations/prepared-operation.js';
import { type Feed } from './feed.js';
import { LiveEvent } from './live-event.js';

/** Timers take no longer than this (2^31 - 1 milliseconds). */
const longestTimer = 2_147_483_647;

/** The client's end of a stream: what the transport does with it. */
export interface LiveSink {
  /** Takes an event. False: enough for now, {@link LiveStream.resume} is called when there is room again. */
  write(event: LiveEvent): boolean;
  /** Is told once that nothing more comes; what cut the stream is its last event, to be written whether or not there is room. */
  end(last: LiveEvent | undefined, error: RouterError | undefined): void;
}

/** What may wait for a slow client. Events are shared among clients, so that they cost memory once. */
export interface LiveBuffer {
  readonly bufferedEvents: number;
  readonly bufferedCharacters: number;
}

/** @see LiveStream */
export interface LiveStreamOptions {
  readonly sink: LiveSink;
  readonly operation: PreparedOperation;
  readonly origin: OperationOrigin;
  readonly buffer: LiveBuffer;
  /** Whether the client may be given an event at this moment; throws what is to end its stream. Everything, if absent. */
  readonly admits?: (event: LiveEvent, stream: LiveStream) => boolean;
  /** Called once, with what cut the stream, if something did. */
  readonly onEnd: (stream: LiveStream, error: RouterError | undefined) => void;
}

/**
 * One client's subscription: gets the events of a {@link Feed} until the feed ends, the client leaves or its token expires. What
 * cuts a stream is its last result, a coded error with the cursor to come back with.
 */
export class LiveStream {
  readonly operation: PreparedOperation;
  readonly origin: OperationOrigin;
  /** What the stream is fed from; changes where two feeds turn out to be at the same place. */
  feed: Feed | undefined;
  readonly #sink: LiveSink;
  readonly #buffer: LiveBuffer;
  readonly #admits: LiveStreamOptions['admits'];
  readonly #onEnd: LiveStreamOptions['onEnd'];
  #authentication: Authentication;
  #expiry: NodeJS.Timeout | undefined;
  /** Events that wait for the client, and the cursor of the last one that did not have to. */
  #waiting: { events: LiveEvent[]; characters: number; after: string | undefined } | undefined;
  #complete = false;
  #ended = false;

  constructor({ sink, operation, origin, buffer, admits, onEnd }: LiveStreamOptions) {
    this.#sink = sink;
    this.operation = operation;
    this.origin = origin;
    this.#buffer = buffer;
    this.#admits = admits;
    this.#onEnd = onEnd;
    this.#authentication = origin.authentication;
    this.#armExpiry();
  }

  get transport(): TransportName {
    return this.origin.transport;
  }

  /** Of the client now: a stream may have been renewed since it began. */

  get authentication(): Authentication {
    return this.#authentication;
  }

  /** When the client's token expires, in milliseconds since the epoch. */
  get expiresAt(): number {
    return (this.#authentication.caller?.expiresAt ?? Number.POSITIVE_INFINITY) * 1000;
  }

  /** Where the client stands: after what it was given. */
  get cursor(): string | undefined {
    return this.#waiting ? this.#waiting.after : this.feed?.cursor;
  }

  /** Gives the client an event, now or when it has room. One that stays behind too far is cut. */
  deliver(event: LiveEvent, before: string | undefined): void {
    if (this.#ended) return;
    if (!this.#waiting) {
      if (!this.#give(event)) this.#waiting = { events: [], characters: 0, after: event.cursor ?? before };
      return;
    }
    const { events, characters } = this.#waiting;
    const { bufferedEvents, bufferedCharacters } = this.#buffer;
    if (events.length >= bufferedEvents || characters + event.text.length > bufferedCharacters) {
      this.end(new SlowConsumerError(`${events.length} events`));
      return;
    }
    events.push(event);
    this.#waiting.characters += event.text.length;
  }

  /** Is told that the client has room again. */
  resume(): void {
    const waiting = this.#waiting;
    if (this.#ended || !waiting) return;
    let given = 0;
    let hasRoom = true;
    for (const event of waiting.events) {
      if (!hasRoom || this.#hasEnded()) break;
      hasRoom = this.#give(event);
      waiting.after = event.cursor ?? waiting.after;
      waiting.characters -= event.text.length;
      given += 1;
    }
    waiting.events.splice(0, given);
    if (!hasRoom || this.#hasEnded()) return;
    this.#waiting = undefined;
    if (this.#complete) this.end();
  }

  /** Writes an event, if the client may still have it. @returns whether there is room for another */
  #give(event: LiveEvent): boolean {
    try {
      return this.#admits?.(event, this) === false || this.#sink.write(event);
    } catch (error) {
      this.end(asRouterError(error));
      return true;
    }
  }

  /** The feed has come to its end; what waits for the client is still given. */
  complete(): void {
    this.#complete = true;
    if (!this.#waiting?.events.length) this.end();
  }

  /** Goes on with a fresh token, which whoever calls has found to be the same person's. */
  renew(authentication: Authentication): void {
    this.#authentication = authentication;
    this.#armExpiry();
  }

  /** Ends the stream; an error is the last that its client gets. */
  end(error?: RouterError): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#expiry);
    const last = error && lastEvent(error, this.cursor);
    this.#waiting = undefined;
    this.#sink.end(last, error);
    this.#onEnd(this, error);
  }

  /** Asked again where a call in between may have ended the stream. */
  #hasEnded(): boolean {
    return this.#ended;
  }

  #armExpiry(): void {
    clearTimeout(this.#expiry);
    if (this.expiresAt === Number.POSITIVE_INFINITY) return;
    const remaining = this.expiresAt - Date.now();
    // Not unreferenced: of an unreferenced timer that is cleared, Node keeps the list for its delay until that has passed.
    this.#expiry = setTimeout(
      () => {
        if (remaining > longestTimer) this.#armExpiry();
        else this.end(new TokenExpiredError());
      },
      Math.min(Math.max(remaining, 0), longestTimer),
    );
  }
}

/** What a stream ends with: the errors, and in the first one's extensions where to come back. */
function lastEvent(error: RouterError, cursor: string | undefined): LiveEvent {
  const errors = error
    .toGraphQLErrors()
    .map((each) => each.toJSON())
    .map((each, index) =>
      index === 0 && cursor !== undefined ? { ...each, extensions: { ...each.extensions, cursor } } : each,
    );
  return new LiveEvent(JSON.stringify({ errors }), cursor);
}
