/** What has to be known of a whole file before the first of its resources can be stored. */
import {
  type ImportFormat,
  ImportTooLargeError,
  ownReference,
  type ReadEntry,
  readResources,
  referenceKey,
  subjectsOf,
} from '@medigraph/platform/fhir';
import { bytesOf, maxSentBytes } from './import-source.js';

/** Entries of a bundle that others may refer to by their place in it: kept in memory while it is read. */
const maxNamedEntries = 500_000;

/** A file that was read to its end once. */
export interface ImportPlan {
  readonly file: string;
  readonly format: ImportFormat;
  readonly resources: number;
  /** By which reference the source means the patient: of its Patient resource, or else of the first subject. */
  readonly knownAs: string | undefined;
  /** `fullUrl` to `Type/id`. */
  readonly references: ReadonlyMap<string, string>;
}

/**
 * Reads the file to its end and stores nothing, so that one that is cut off, no bundle, or endless is refused before anything of
 * it is on the ledger.
 * @throws `IMPORT_UNREADABLE`, `IMPORT_TOO_LARGE`.
 */
export async function planImport(file: string, format: ImportFormat): Promise<ImportPlan> {
  const references = new Map<string, string>();
  let resources = 0;
  let patient: string | undefined;
  let subject: string | undefined;
  for await (const entry of readResources(bytesOf(file), format, maxSentBytes)) {
    resources += 1;
    if (entry.error) continue;
    const own = ownReference(entry);
    if (own !== undefined && entry.fullUrl !== undefined) references.set(entry.fullUrl, own);
    if (references.size > maxNamedEntries)
      throw new ImportTooLargeError(
        `${file} is a Bundle of more than ${maxNamedEntries} entries; send NDJSON`,
      );
    if (own?.startsWith('Patient/') === true) patient ??= own;
    subject ??= firstSubject(entry);
  }
  const named = subject === undefined ? undefined : (references.get(subject) ?? referenceKey(subject));
  return { file, format, resources, references, knownAs: patient ?? named };
}

function firstSubject({ resource }: Extract<ReadEntry, { error?: undefined }>): string | undefined {
  if (typeof resource !== 'object' || resource === null) return undefined;
  return subjectsOf(resource as Record<string, unknown>)[0]?.reference;
}
