import { type TransactionReference } from '../ledger/index.js';
import { type CursoredEvent } from '../projection/index.js';
import { AccessEnded, TokenExpired } from './errors.js';
import { type EventName, knownEvent, type KnownEvent } from './ledger-events.js';
import { type RequestContext } from './request-context.js';

/** An event on its way to a subscriber. */
export type LiveEvent<Name extends EventName = EventName> = KnownEvent<Name> & { readonly cursor: string };

/** What every subscription payload says beside its thing. */
export interface LivePayload {
  readonly cursor: string;
  readonly event: string;
  readonly transaction: TransactionReference;
  readonly timestamp: string;
}

/** What ends a stream for good: its subscriber may no longer see what it is about. */
export interface LiveEnding<Name extends EventName> {
  /** Events after which to ask. */
  readonly names: readonly Name[];
  readonly ended: (event: KnownEvent<Name>) => Promise<boolean>;
  /**
   * When it may end with nothing happening, in milliseconds since the epoch; undefined if it will not. Asked at the start,
   * and again after each of the events and at each such time, since other rights may have come by then.
   */
  readonly endsAt?: () => Promise<number | undefined>;
}

export interface LiveOptions<Name extends EventName, Ending extends EventName = never> {
  readonly names: readonly Name[];
  readonly channels: readonly string[];
  /** Cursor to resume after; absent: from now on. */
  readonly after?: string;
  /** Asked of every event at the moment of its delivery. */
  readonly visible: (event: KnownEvent<Name>) => Promise<boolean>;
  /** Absent: the stream goes on and shows what may be seen. */
  readonly ending?: LiveEnding<Ending>;
}

// Node's timers take no longer delay; a token that outlives it is looked at again by then.
const longestTimer = 2 ** 31 - 1;

/**
 * Events of these names that the subscriber may see when they are delivered. Ends with `TOKEN_EXPIRED` when the
 * subscriber's token has run out, and with `ACCESS_ENDED` as its `ending` says, whether or not anything happens then.
 * @throws `CURSOR_INVALID`
 */
export function liveEvents<Name extends EventName, Ending extends EventName = never>(
  context: RequestContext,
  options: LiveOptions<Name, Ending>,
): AsyncIterableIterator<LiveEvent<Name>> {
  const abort = new AbortController();
  // Asked for at once: "from now on" means from the subscription on, and a bad cursor refuses it.
  const source = context.projector.events({
    channels: options.channels,
    after: options.after,
    signal: abort.signal,
  });
  context.streamStart = source.start;
  const events = delivered(context, source, options, abort);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => events.next(),
    // A generator that waits for its source cannot be returned from; ending the source lets it finish.
    async return() {
      abort.abort();
      await events.return(undefined);
      return { done: true, value: undefined };
    },
    throw: (error: unknown) => {
      abort.abort();
      return events.throw(error);
    },
  };
}

async function* delivered<Name extends EventName, Ending extends EventName>(
  context: RequestContext,
  source: AsyncIterable<CursoredEvent>,
  { names, visible, ending }: LiveOptions<Name, Ending>,
  abort: AbortController,
): AsyncGenerator<LiveEvent<Name>, void> {
  const wanted: ReadonlySet<Name> = new Set(names);
  const endings: ReadonlySet<Ending> = new Set(ending?.names);
  const expiry = watchExpiry(context.caller.expiresAt, abort);
  const access = watchAccess(context, ending?.endsAt, abort);
  try {
    await access.look();
    for await (const { cursor, event } of source) {
      const last = knownEvent(event, endings);
      if (last !== undefined) {
        context.renew();
        if (await ending?.ended(last)) throw new AccessEnded();
        await access.look();
      }
      const known = knownEvent(event, wanted);
      if (known === undefined) continue;
      context.renew();
      const shown = await visible(known);
      if (expiry.expired()) break;
      if (shown) yield { ...known, cursor };
    }
    if (expiry.expired()) throw new TokenExpired();
    access.demand();
  } finally {
    expiry.stop();
    access.stop();
    abort.abort();
  }
}

/** Ends the source when the time has come at which access ends. */
function watchAccess(
  context: RequestContext,
  endsAt: (() => Promise<number | undefined>) | undefined,
  abort: AbortController,
): { look(): Promise<void>; demand(): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let failure: Error | undefined;
  const look = async (): Promise<void> => {
    clearTimeout(timer);
    const end = await endsAt?.();
    if (end === undefined || abort.signal.aborted) return;
    if (end <= Date.now()) {
      failure = new AccessEnded();
      abort.abort();
      return;
    }
    timer = setTimeout(again, Math.min(end - Date.now(), longestTimer)).unref();
  };
  const again = (): void => {
    context.renew();
    look().catch((error: unknown) => {
      failure = error instanceof Error ? error : new Error(String(error));
      abort.abort();
    });
  };
  return {
    look,
    demand: () => {
      if (failure) throw failure;
    },
    stop: () => clearTimeout(timer),
  };
}

function watchExpiry(expiresAt: number, abort: AbortController): { expired(): boolean; stop(): void } {
  const expired = (): boolean => Date.now() >= expiresAt * 1000;
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const remaining = Math.max(0, expiresAt * 1000 - Date.now());
    // Not unreferenced: of an unreferenced timer that is cleared, Node keeps the list for its delay until that has passed.
    timer = setTimeout(
      () => {
        if (expired()) abort.abort();
        else arm();
      },
      Math.min(remaining, longestTimer),
    );
  };
  arm();
  return { expired, stop: () => clearTimeout(timer) };
}

/** The parts of a payload that do not depend on what happened. */
export function livePayload({ cursor, type, transaction, timestamp }: LiveEvent): LivePayload {
  return { cursor, event: type, transaction, timestamp };
}
