import { PlatformError } from '@medigraph/platform/errors';

/** There is no such entry, or none that the caller may open: the two are told alike. */
export class EntryNotFound extends PlatformError {
  constructor(id: string) {
    super('ENTRY_NOT_FOUND', `There is no entry ${id} that you may open.`);
  }
}

/** The reader's private key is kept elsewhere, so nothing can be unsealed for them here. */
export class KeyNotHeld extends PlatformError {
  constructor() {
    super('KEY_NOT_FOUND', 'Your decryption key is not kept here; unseal with your own wallet.');
  }
}
