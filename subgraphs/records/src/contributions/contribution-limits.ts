import { type Caller } from '@medigraph/platform/identity';
import { RateLimiter } from '@medigraph/platform/time';
import { ContributionRateExceeded } from './errors.js';

/** Pairs of contributor and patient that are remembered. */
const maxPairs = 100_000;
const minuteSeconds = 60;

/** How much a contributor may send about one patient; each process counts for itself. */
export class ContributionLimits {
  readonly #limiter: RateLimiter;

  constructor(perMinute: number) {
    this.#limiter = new RateLimiter({ amount: perMinute, perSeconds: minuteSeconds }, maxPairs);
  }

  /** @throws {@link ContributionRateExceeded} */
  take({ subject }: Pick<Caller, 'subject'>, patient: string, resources: number): void {
    const wait = this.#limiter.take(JSON.stringify([subject, patient]), Math.max(1, resources));
    if (wait > 0) throw new ContributionRateExceeded(Math.min(Math.ceil(wait / 1000), minuteSeconds));
  }
}
