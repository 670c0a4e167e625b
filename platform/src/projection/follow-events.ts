import { Backoff } from '../time/backoff.js';
import { type CursoredEvent, type Projector } from './projection.js';

/** @see followEvents */
export interface FollowOptions {
  readonly projector: Pick<Projector, 'events'>;
  /** All that the projector follows unless said. */
  readonly channels?: readonly string[];
  /** Taken before anything is looked at that the events go on from, so that nothing falls between. */
  readonly after: string;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Told each time that events cannot be read; they are tried again. */
  readonly onFailure: (error: unknown) => void;
}

const pauses = { initial: 100, limit: 5_000 };

/** Every event after a place, once and in order, however often they cannot be read for a while. Ends with the signal, or the projector. */
export async function* followEvents({
  projector,
  channels,
  after,
  signal,
  onFailure,
}: FollowOptions): AsyncGenerator<CursoredEvent, void, undefined> {
  const backoff = new Backoff(pauses);
  let place = after;
  while (!signal.aborted) {
    try {
      for await (const event of projector.events({ ...(channels && { channels }), after: place, signal })) {
        // Whoever asks for the next one is done with this one; and one that was passed on is not read again.
        place = event.cursor;
        backoff.reset();
        yield event;
      }
      return;
    } catch (error) {
      onFailure(error);
      await backoff.pause(signal);
    }
  }
}
