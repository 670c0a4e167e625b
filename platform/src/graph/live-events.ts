import { type TransactionReference } from '../ledger/index.js';
import { type CursoredEvent } from '../projection/index.js';
import { TokenExpired } from './errors.js';
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

export interface LiveOptions<Name extends EventName> {
  readonly names: readonly Name[];
  readonly channels: readonly string[];
  /** Cursor to resume after; absent: from now on. */
  readonly after?: string;
  /** Asked of every event at the moment of its delivery. */
  readonly visible: (event: KnownEvent<Name>) => Promise<boolean>;
}

// Node's timers take no longer delay; a token that outlives it is looked at again by then.
const longestTimer = 2 ** 31 - 1;

/**
 * Events of these names that the subscriber may see when they are delivered. Ends with `TOKEN_EXPIRED` when the
 * subscriber's token has run out, whether or not anything happens then.
 * @throws `CURSOR_INVALID`
 */
export function liveEvents<Name extends EventName>(
  context: RequestContext,
  options: LiveOptions<Name>,
): AsyncIterableIterator<LiveEvent<Name>> {
  const abort = new AbortController();
  // Asked for at once: "from now on" means from the subscription on, and a bad cursor refuses it.
  const source = context.projector.events({
    channels: options.channels,
    after: options.after,
    signal: abort.signal,
  });
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

async function* delivered<Name extends EventName>(
  context: RequestContext,
  source: AsyncIterable<CursoredEvent>,
  { names, visible }: LiveOptions<Name>,
  abort: AbortController,
): AsyncGenerator<LiveEvent<Name>, void> {
  const wanted: ReadonlySet<Name> = new Set(names);
  const expiry = watchExpiry(context.caller.expiresAt, abort);
  try {
    for await (const { cursor, event } of source) {
      const known = knownEvent(event, wanted);
      if (known === undefined) continue;
      context.renew();
      const shown = await visible(known);
      if (expiry.expired()) break;
      if (shown) yield { ...known, cursor };
    }
    if (expiry.expired()) throw new TokenExpired();
  } finally {
    expiry.stop();
    abort.abort();
  }
}

function watchExpiry(expiresAt: number, abort: AbortController): { expired(): boolean; stop(): void } {
  const expired = (): boolean => Date.now() >= expiresAt * 1000;
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const remaining = Math.max(0, expiresAt * 1000 - Date.now());
    timer = setTimeout(
      () => {
        if (expired()) abort.abort();
        else arm();
      },
      Math.min(remaining, longestTimer),
    ).unref();
  };
  arm();
  return { expired, stop: () => clearTimeout(timer) };
}

/** The parts of a payload that do not depend on what happened. */
export function livePayload({ cursor, type, transaction, timestamp }: LiveEvent): LivePayload {
  return { cursor, event: type, transaction, timestamp };
}
