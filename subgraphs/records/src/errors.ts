import { PlatformError } from '@medigraph/platform/errors';

/** There is no such entry, or none that the caller may open: the two are told alike. */
export class EntryNotFound extends PlatformError {
  constructor(id: string) {
    super('ENTRY_NOT_FOUND', `There is no entry ${id} that you may open.`);
  }
}

/** There is no such import, or the caller is none of its parties: the two are told alike. */
export class ImportNotFound extends PlatformError {
  constructor(id: string) {
    super('IMPORT_NOT_FOUND', `There is no import ${id.slice(0, 200)} that you may see.`);
  }
}

/** Entries are picked from an import that has been offered and neither picked from nor declined. */
export class ImportStateInvalid extends PlatformError {
  constructor(id: string, status: string) {
    super('IMPORT_STATE_INVALID', `Import ${id} is ${status}, not offered.`);
  }
}

/** The patient does not let the institution store records. */
export class StorageNotAuthorized extends PlatformError {
  constructor(patient: string) {
    super('STORAGE_NOT_AUTHORIZED', `Patient ${patient} does not let your institution store records.`);
  }
}
