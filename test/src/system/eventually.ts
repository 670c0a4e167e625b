import { setTimeout as delay } from 'node:timers/promises';

/** Asks again and again, `pauseMs` apart, until the answer fits, and answers it. @throws with the last answer after `timeoutMs`. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T> | T,
  fits: (answer: T) => boolean,
  timeoutMs = 30_000,
  pauseMs = 50,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (fits(answer)) return answer;
    if (Date.now() > deadline) {
      throw new Error(
        `${what}: not within ${timeoutMs / 1000} s; the last answer was ${JSON.stringify(answer)}`,
      );
    }
    await delay(pauseMs);
  }
}
