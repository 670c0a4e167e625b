import { Backoff } from '../time/backoff.js';

const pauses = { initial: 100, limit: 5_000 };

/**
 * Repeats an operation until it succeeds. What is repeated here must come to the same result each time.
 * @returns undefined if the signal aborted first.
 */
export async function persevere<T>(
  operation: () => Promise<T>,
  signal: AbortSignal,
  onFailure: (error: unknown) => void,
): Promise<{ value: T } | undefined> {
  const backoff = new Backoff(pauses);
  while (!signal.aborted) {
    try {
      return { value: await operation() };
    } catch (error) {
      onFailure(error);
      await backoff.pause(signal);
    }
  }
  return undefined;
}
