import { PlatformError } from '@medigraph/platform/errors';

/** The patient does not let the contributor write a resource of this type; the message names the resource. */
export class ContributionNotCovered extends PlatformError {
  constructor(index: number, type: string) {
    super('CONTRIBUTION_NOT_COVERED', `resources[${index}]: the patient does not let you write ${type}.`);
  }
}

/** A batch of this key was taken, and it was another. */
export class ContributionDiffers extends PlatformError {
  constructor() {
    super('CONTRIBUTION_EXISTS', 'Another batch was taken under this idempotencyKey; nothing was stored.');
  }
}

/** A contributor sends more than it may. */
export class ContributionRateExceeded extends PlatformError {
  override readonly extensions: { readonly retryAfter: number };

  /** @param seconds - after which it may send as much. */
  constructor(seconds: number) {
    super('RATE_LIMITED', `Too much about this patient; come back in ${seconds} seconds.`);
    this.extensions = { retryAfter: seconds };
  }
}
