import { PlatformError } from '@medigraph/platform/errors';

/** There is no such entry, or none that the caller may open: the two are told alike. */
export class EntryNotFound extends PlatformError {
  constructor(id: string) {
    super('ENTRY_NOT_FOUND', `There is no entry ${id} that you may open.`);
  }
}
