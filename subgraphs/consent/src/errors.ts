import { PlatformError } from '@medigraph/platform/errors';

/** The consent is in a state that does not allow this. */
export class ConsentStateInvalid extends PlatformError {
  constructor(message: string) {
    super('CONSENT_STATE_INVALID', message);
  }
}
