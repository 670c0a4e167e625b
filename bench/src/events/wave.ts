import { type ChildPart } from '@medigraph/launcher';
import { z } from 'zod';

/** An event that every subscriber of a process has. Times are those of the machine's monotonic clock, in nanoseconds. */
const wave = z.object({
  type: z.literal('wave'),
  id: z.string(),
  first: z.string(),
  last: z.string(),
  text: z.string(),
});
export type Wave = z.infer<typeof wave>;

/** What the subscribers of a process have received. */
export class Waves {
  readonly #arrived = new Map<string, Wave>();
  readonly #waiting = new Map<string, (wave: Wave) => void>();

  constructor(part: ChildPart) {
    part.onMessage((message) => {
      const parsed = wave.safeParse(message);
      if (!parsed.success) return;
      const waiting = this.#waiting.get(parsed.data.id);
      if (waiting) waiting(parsed.data);
      else this.#arrived.set(parsed.data.id, parsed.data);
    });
  }

  /** The event of that id, once all have it; undefined if they do not within the time. */
  async of(id: string, timeoutMs: number): Promise<Wave | undefined> {
    const known = this.#arrived.get(id);
    this.#arrived.delete(id);
    if (known) return known;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        resolve(undefined);
      }, timeoutMs);
      this.#waiting.set(id, (found) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve(found);
      });
    });
  }
}
