import { type TransactionReference } from '../ledger/index.js';
import { AccessEnded } from './errors.js';
import { type EventName, knownEvent, type KnownEvent } from './ledger-events.js';
import { liveStream, longestTimer } from './live-stream.js';
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

/**
 * Events of these names that the subscriber may see when they are delivered. Ends with `TOKEN_EXPIRED` when the
 * subscriber's token has run out, and with `ACCESS_ENDED` as its `ending` says, whether or not anything happens then.
 * @throws `CURSOR_INVALID`
 */
export function liveEvents<Name extends EventName, Ending extends EventName = never>(
  context: RequestContext,
  { names, channels, after, visible, ending }: LiveOptions<Name, Ending>,
): AsyncIterableIterator<LiveEvent<Name>> {
  const wanted: ReadonlySet<Name> = new Set(names);
  const endings: ReadonlySet<Ending> = new Set(ending?.names);
  return liveStream(context, { channels, after }, (abort) => {
    const access = watchAccess(context, ending?.endsAt, abort);
    return {
      begin: () => access.look(),
      async take({ cursor, event }) {
        const last = knownEvent(event, endings);
        if (last !== undefined) {
          context.renew();
          if (await ending?.ended(last)) throw new AccessEnded();
          await access.look();
        }
        const known = knownEvent(event, wanted);
        if (known === undefined) return undefined;
        context.renew();
        return (await visible(known)) ? { ...known, cursor } : undefined;
      },
      finish: () => access.demand(),
      stop: () => access.stop(),
    };
  });
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

/** The parts of a payload that do not depend on what happened. */
export function livePayload({ cursor, type, transaction, timestamp }: LiveEvent): LivePayload {
  return { cursor, event: type, transaction, timestamp };
}
