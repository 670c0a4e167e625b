import { setTimeout as delay } from 'node:timers/promises';
import { NotReadyError, reasonOf } from './errors.js';

/**
 * Tries again until it succeeds. For what becomes possible by itself, such as peers that are still finding each other.
 * @param deadline - milliseconds, after which the last failure is the answer
 * @throws {@link NotReadyError}
 */
export async function until<T>(what: string, deadline: number, attempt: () => Promise<T>): Promise<T> {
  const end = Date.now() + deadline;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) {
        throw new NotReadyError(`${what}: not within ${deadline / 1000} s: ${reasonOf(error)}`, {
          cause: error,
        });
      }
      await delay(100);
    }
  }
}
