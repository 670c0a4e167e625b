import { type CursoredEvent } from '../projection/index.js';
import { TokenExpired } from './errors.js';
import { type RequestContext } from './request-context.js';

/** Where the events of a stream come from. */
export interface StreamSource {
  readonly channels: readonly string[];
  /** Cursor to resume after; absent: from now on. */
  readonly after?: string;
}

/** What becomes of the events on their way to one subscriber. */
export interface StreamSteps<Delivered> {
  /** Before the first event. */
  begin?(): Promise<void>;
  /** What the subscriber gets of an event; undefined for nothing. What it throws ends the stream. */
  take(event: CursoredEvent): Promise<Delivered | undefined>;
  /** Once the events have ended, unless the token ran out. What it throws ends the stream. */
  finish?(): void;
  /** Lets go of what was held, however the stream ended. */
  stop?(): void;
}

// Node's timers take no longer delay; a token that outlives it is looked at again by then.
export const longestTimer = 2 ** 31 - 1;

/**
 * Ledger events as one subscriber gets them, until their token runs out (`TOKEN_EXPIRED`).
 * @param steps - given what ends the stream from outside.
 * @throws `CURSOR_INVALID`
 */
export function liveStream<Delivered extends object>(
  context: RequestContext,
  { channels, after }: StreamSource,
  steps: (abort: AbortController) => StreamSteps<Delivered>,
): AsyncIterableIterator<Delivered> {
  const abort = new AbortController();
  // Asked for at once: "from now on" means from the subscription on, and a bad cursor refuses it.
  const source = context.projector.events({ channels, after, signal: abort.signal });
  context.streamStart = source.start;
  const events = delivered(context, source, steps, abort);
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

async function* delivered<Delivered extends object>(
  context: RequestContext,
  source: AsyncIterable<CursoredEvent>,
  stepsOf: (abort: AbortController) => StreamSteps<Delivered>,
  abort: AbortController,
): AsyncGenerator<Delivered, void> {
  const expiry = watchExpiry(context.caller.expiresAt, abort);
  const steps = stepsOf(abort);
  try {
    await steps.begin?.();
    for await (const event of source) {
      const shown = await steps.take(event);
      if (expiry.expired()) break;
      if (shown !== undefined) yield shown;
    }
    if (expiry.expired()) throw new TokenExpired();
    steps.finish?.();
  } finally {
    expiry.stop();
    steps.stop?.();
    abort.abort();
  }
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
